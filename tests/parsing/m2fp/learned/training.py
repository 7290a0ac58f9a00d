"""Makes `network.pt`, the same each time on one machine: python -m tests.parsing.m2fp.learned.training [FILE]

Needs the extra `m2fp`, and about twenty minutes of one core. Stopped and started again, it goes on from FILE.part.
"""

import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from mien.parsing.m2fp.conversion.architecture import Architecture, Stage
from mien.parsing.m2fp.conversion.checkpoint import save
from mien.parsing.m2fp.conversion.network import M2fp
from mien.parsing.m2fp.preprocessing import DEVIATION, MEAN
from tests.parsing.m2fp.learned import CHECKPOINT
from tests.parsing.m2fp.learned.loss import Truth, loss, truth_of
from tests.parsing.m2fp.learned.pictures import Drawn, draw

ARCHITECTURE = Architecture(
    stem=(16, 16, 32),
    stages=(Stage(1, 16, 48), Stage(1, 24, 64), Stage(2, 32, 96), Stage(1, 32, 128)),
    hidden=64,
    mask=32,
    encoder_layers=2,
    encoder_feed=128,
    decoder_layers=3,
    decoder_feed=128,
    queries=50,
)
SEED = 5
STEPS, BATCH = 2500, 4
RATE, DECAY, LONGEST = 3e-3, 0.05, 1.0  # of AdamW; and the length that gradients are cut to
WARM_UP, SLOWLY, COOLING = 100, 5000, 1000
"""Steps: the learning rate rises, falls so slowly that it would take so many, and falls to 0 in the last ones."""
NOTED = 100  # steps between two notes of where the training is


def main(file: Path = CHECKPOINT) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    network = M2fp(ARCHITECTURE).train()
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _rate)
    part = file.with_suffix(".part")
    parts: dict[str, nn.Module | torch.optim.Optimizer | torch.optim.lr_scheduler.LambdaLR] = {
        "network": network, "optimiser": optimiser, "schedule": schedule,
    }  # fmt: skip
    first, total, started = 0, 0.0, time.monotonic()
    if part.exists():
        states = torch.load(part, weights_only=True)
        first = states["step"]
        for name, what in parts.items():
            what.load_state_dict(states[name])
    for step in range(first, STEPS):
        batch, truths = samples(range(step * BATCH, (step + 1) * BATCH))
        cost = loss(network.predictions(batch), truths)
        optimiser.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(network.parameters(), LONGEST)
        optimiser.step()
        schedule.step()
        total += cost.item()
        if (step + 1) % NOTED == 0:
            print(f"{step + 1} steps, loss {total / NOTED:.3f}, {time.monotonic() - started:.0f} s", flush=True)
            total = 0.0
            torch.save({name: what.state_dict() for name, what in parts.items()} | {"step": step + 1}, part)
    save(network.half(), file)
    part.unlink(missing_ok=True)


def samples(seeds: range) -> tuple[Tensor, list[Truth]]:
    """The pictures of these seeds as the network sees them, float32 (n, 3, h, w), and what is to be seen."""
    pictures = [draw(seed) for seed in seeds]
    return torch.stack([_normalised(drawn) for drawn in pictures]), [truth_of(drawn) for drawn in pictures]


def _normalised(drawn: Drawn) -> Tensor:
    return torch.from_numpy(((drawn.pixels - MEAN) / DEVIATION).transpose(2, 0, 1))


def _rate(step: int) -> float:
    rising, falling, ending = (step + 1) / WARM_UP, (SLOWLY - step) / (SLOWLY - WARM_UP), (STEPS - step) / COOLING
    return min(rising, falling, ending)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
