"""The training loop: resumable, the same samples for the same seed whatever the machine."""

import copy
import csv
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from training.losses import part_loss
from training.network import PartNetwork
from training.people import Person, load_people
from training.samples import Sampler, as_the_engine_sees, rare_weights
from training.scoring import Scores, score

Sizes = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Stage:
    """Up to this share of the schedule, batches of these crop sizes (width, height) in turn, at random."""

    until: float
    sizes: Sizes


STAGES = (
    Stage(0.35, ((160, 224), (160, 224), (192, 192), (224, 160))),
    Stage(0.65, ((192, 256), (192, 256), (224, 224), (256, 192))),
    Stage(1.0, ((256, 352), (256, 352), (256, 352), (288, 320), (320, 288), (352, 256))),
)
"""Small crops first: most of what there is to learn does not need the last pixel (Tan & Le, EfficientNetV2, 2021)."""


@dataclass(frozen=True)
class Plan:
    """How to train. Resuming continues with the plan that was begun, except for how long."""

    variant: str = "lite1"
    iterations: int = 6000
    batch: int = 16
    rate: float = 2e-3
    encoder_rate: float = 0.4  # of `rate`: the encoder knows much already
    weight_decay: float = 2e-2
    averaging: float = 0.999  # of the exponential moving average of the weights that validation and export use
    seed: int = 1
    validate_every: int = 400


class Batches(IterableDataset[tuple[Tensor, Tensor]]):
    """Batches from `first` to `end`; every one has one crop size, drawn from its number."""

    def __init__(self, sampler: Sampler, plan: Plan, sizes: Sizes, first: int, end: int) -> None:
        self._sampler, self._plan, self._sizes = sampler, plan, sizes
        self._first, self._end = first, end

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        worker = torch.utils.data.get_worker_info()
        start, step = (self._first, 1) if worker is None else (self._first + worker.id, worker.num_workers)
        for number in range(start, self._end, step):
            size = self._sizes[np.random.default_rng((self._plan.seed, 7, number)).integers(len(self._sizes))]
            first = number * self._plan.batch
            samples = [self._sampler.sample(first + i, size) for i in range(self._plan.batch)]
            crops, labels = (np.stack(part) for part in zip(*samples, strict=True))
            yield torch.from_numpy(crops), torch.from_numpy(labels)


class Training:
    """A run in a folder: `last.pt` to continue from, `best.pt` to export, `curve.csv` to look at."""

    def __init__(self, work: Path, run: Path, plan: Plan, imagenet: Path | None = None) -> None:
        """Begin a run from the encoder's ImageNet weights, or continue the one that stands in `run`."""
        self._run, self._plan = run, plan
        torch.manual_seed(plan.seed)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        people = load_people(work / "train")
        self._held_back = load_people(work / "val")
        self._sampler = Sampler.of(people, plan.seed)
        self._weights = torch.from_numpy(rare_weights(people)).to(self._device)
        self._network = PartNetwork(plan.variant)
        last = run / "last.pt"
        if not last.exists():
            if imagenet is None:
                raise ValueError(f"{run}: nothing to continue, and no ImageNet weights to begin with")
            self._network.encoder.load_imagenet(imagenet)
        self._network.to(self._device, memory_format=torch.channels_last)
        pretrained, fresh = self._network.parameters_by_origin()
        self._optimiser = torch.optim.AdamW(
            [{"params": pretrained, "share": plan.encoder_rate}, {"params": fresh, "share": 1.0}],
            lr=plan.rate,
            weight_decay=plan.weight_decay,
        )
        self._average = copy.deepcopy(self._network).eval()
        self._done, self._best = 0, -1.0
        if last.exists():
            state = torch.load(last, map_location=self._device, weights_only=True)
            begun = {**state["plan"], "iterations": plan.iterations}
            if begun != asdict(plan):
                raise ValueError(f"{last}: was begun as {state['plan']}")
            self._network.load_state_dict(state["network"])
            self._average.load_state_dict(state["average"])
            self._optimiser.load_state_dict(state["optimiser"])
            self._done, self._best = state["done"], state["best"]

    def run(self, workers: int) -> float:
        """Train to the plan's end, validating at times. Returns the best mean IoU on the held-back people."""
        for stage in STAGES:
            end = round(stage.until * self._plan.iterations)
            if self._done >= end:
                continue
            batches = Batches(self._sampler, self._plan, stage.sizes, self._done, end)
            loader = DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None)
            losses, began = [], time.monotonic()
            for crops, labels in loader:
                losses.append(self._step(crops, labels))
                if self._done % 20 == 0:
                    pace = (time.monotonic() - began) / len(losses)
                    print(f"{self._done}/{self._plan.iterations} loss {np.mean(losses):.3f}, {pace:.2f} s", flush=True)
                if self._done % self._plan.validate_every == 0 or self._done == end:
                    self._checkpoint(stage.sizes, float(np.mean(losses)))
                    losses, began = [], time.monotonic()
        return self._best

    def _step(self, crops: Tensor, labels: Tensor) -> float:
        self._network.train()
        torch.manual_seed(self._plan.seed * 1_000_003 + self._done)  # dropout, too, is the same after a pause
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate * group["share"] * self._pace()
        crops = crops.to(self._device).float().contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, torch.bfloat16):
            logits, occurrence = self._network(crops)
        loss = part_loss(logits.float().contiguous(), occurrence.float(), labels.to(self._device), self._weights)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimiser.step()
        self._done += 1
        keep = min(self._plan.averaging, (self._done + 1) / (self._done + 20))
        with torch.no_grad():
            for average, now in zip(
                self._average.state_dict().values(), self._network.state_dict().values(), strict=True
            ):
                if average.is_floating_point():
                    average.lerp_(now, 1 - keep)
        return float(loss.detach())

    def _pace(self) -> float:
        """Share of the learning rate: a short warm-up, then half a cosine."""
        share = min(1.0, self._done / self._plan.iterations)
        return min(1.0, (self._done + 1) / 150) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))

    def _checkpoint(self, sizes: Sizes, loss: float) -> None:
        scores = validate(self._average, self._held_back, sizes, self._device)
        state = {"plan": asdict(self._plan), "done": self._done, "average": self._average.state_dict()}
        self._run.mkdir(parents=True, exist_ok=True)
        if scores.mean > self._best:
            self._best = scores.mean
            _replace(self._run / "best.pt", {**state, "mean": scores.mean})
        state |= {"network": self._network.state_dict(), "optimiser": self._optimiser.state_dict(), "best": self._best}
        _replace(self._run / "last.pt", state)
        figures = [scores.mean, scores.pixels, scores.person]
        with (self._run / "curve.csv").open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow([self._done, sizes[0][0], f"{loss:.4f}", *(f"{f:.4f}" for f in figures)])
        print(f"{self._done}: loss {loss:.3f}; mIoU {figures[0]:.3f}, pixels {figures[1]:.3f}, person {figures[2]:.3f}")
        print("  " + " ".join(f"{name} {value:.2f}" for name, (value, _) in scores.merged().items()), flush=True)


@torch.no_grad()
def validate(network: PartNetwork, people: list[Person], sizes: Sizes, device: torch.device) -> Scores:
    """The network alone, on crops around the labelled boxes with their poses; nothing repaired afterwards."""
    network.eval()
    scores = Scores.none()
    for person in people:
        crop, labels = as_the_engine_sees(person, tuple(dict.fromkeys(sizes)))
        tensor = (
            torch.from_numpy(crop[None].astype(np.float32)).to(device).contiguous(memory_format=torch.channels_last)
        )
        with torch.autocast(device.type, torch.bfloat16):
            logits = network(tensor)
        scores += score(labels, logits[0].float().argmax(0).cpu().numpy().astype(np.uint8))
    return scores


def _replace(file: Path, state: dict[str, object]) -> None:
    """Save whole or not at all."""
    beside = file.with_suffix(".tmp")
    torch.save(state, beside)
    beside.replace(file)
