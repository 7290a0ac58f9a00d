"""M2FP's network and what follows it, against the reference computation in PyTorch, in one run on one thread each.

python -m benchmarks.m2fp [ROUNDS]     (needs the extras `m2fp` and `m2fp-test`)

Weights are random (`m2fp_reference.seeded`), so that times are true and answers are not; agreement is between answers.
Times are CPU seconds, medians of rounds in which every way takes its turn. Each way's peak memory is that of a process
which does nothing else.
"""

import importlib.metadata
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks import m2fp_postprocessing
from benchmarks.__main__ import processor
from benchmarks.memory import peak_bytes
from mien.parsing.m2fp.preprocessing import prepare
from mien.parsing.m2fp.runtime import PRECISIONS, Network

WIDTH, HEIGHT = 853, 640
PADDED = (864, 640)
ROUNDS = 5
VERSIONS = ("openvino", "torch", "transformers", "numpy")


def main(rounds: int = ROUNDS) -> None:
    import torch

    from benchmarks.m2fp_reference import Reference, seeded
    from mien.parsing.m2fp.conversion import convert
    from mien.parsing.m2fp.conversion.architecture import Architecture
    from mien.parsing.m2fp.conversion.checkpoint import save

    torch.set_num_threads(1)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    print(f"Machine: {processor()}, {psutil.cpu_count()} cores; Python {platform.python_version()}; {versions}\n")
    batch = picture()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network = seeded(Architecture())
        checkpoint = folder / "pytorch_model.pt"
        save(network, checkpoint)
        print(f"Conversion: {_cpu(lambda: convert(checkpoint, folder)):.1f} CPU s, once.\n")
        reference = Reference(network)
        networks = {precision: Network(folder, precision) for precision in PRECISIONS}
        ways: dict[str, Callable[[], object]] = {"reference": lambda: reference(torch.from_numpy(batch))}
        ways |= {name: lambda n=network: n(batch, (WIDTH, HEIGHT)) for name, network in networks.items()}
        first = {name: _cpu(run) for name, run in ways.items()}
        times = {name: [] for name in ways}
        for _ in range(rounds):
            for name, run in ways.items():
                times[name].append(_cpu(run))
        network_times = {name: statistics.median(taken) for name, taken in times.items()}
        after, before = m2fp_postprocessing.measure(), _preparing()
        around = {"reference": before + after.plainly}
        whole = {n: t + around.get(n, before + after.lazily + after.composing) for n, t in network_times.items()}
        print(f"Preparing {before:.3f} s, post-processing {after.lazily:.3f} s, people of it {after.composing:.3f} s\n")
        precise = networks["f32"](batch, (WIDTH, HEIGHT))
        print(f"{WIDTH}×{HEIGHT}, {rounds} rounds, CPU seconds, one thread\n")
        print("| way | network | ratio | all | ratio | first photo of a size | peak MB | wide and tall | differs |")
        print("|---|---|---|---|---|---|---|---|---|")
        for name, taken in network_times.items():
            differs = ""
            if name != "reference":
                answer = networks[name](batch, (WIDTH, HEIGHT))
                apart = np.linalg.norm(answer.masks - precise.masks) / np.linalg.norm(precise.masks)
                signs = np.mean((answer.masks > 0) != (precise.masks > 0))
                differs = f"masks by {apart:.1e} (L2), {signs:.2%} of cells"
            peaks = _peaks("reference" if name == "reference" else folder, name)
            print(
                f"| {name} | {taken:.2f} | {network_times['reference'] / taken:.2f} | {whole[name]:.2f} "
                f"| {whole['reference'] / whole[name]:.2f} | {first[name]:.2f} | {peaks[0]:.0f} | {peaks[1]:.0f} "
                f"| {differs} |",
                flush=True,
            )


def picture() -> NDArray[np.float32]:
    """A photo's worth of smooth noise, normalised and padded as photos are."""
    coarse = np.random.default_rng(0).standard_normal((3, HEIGHT // 16 + 1, WIDTH // 16 + 1)).astype(np.float32)
    batch = np.zeros((1, 3, PADDED[1], PADDED[0]), np.float32)
    batch[0, :, :HEIGHT, :WIDTH] = coarse.repeat(16, 1).repeat(16, 2)[:, :HEIGHT, :WIDTH]
    return batch


def _preparing() -> float:
    """CPU seconds for a photo of 12 megapixels, the best of three."""
    photo = np.zeros((3000, 4000, 3), np.uint8)
    return min(_cpu(lambda: prepare(photo)) for _ in range(3))


def _peaks(folder: Path | str, precision: str) -> tuple[float, float]:
    """MB that a process of its own has at most, loading included: for a wide photo, and for a tall one after it."""
    command = [sys.executable, "-m", "benchmarks.m2fp", "--peak", str(folder), precision]
    one, both = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return one, both


def _answer_two(folder: str, precision: str) -> None:
    answer: Callable[[NDArray[np.float32]], object]
    if folder == "reference":
        import torch

        from benchmarks.m2fp_reference import Reference, seeded
        from mien.parsing.m2fp.conversion.architecture import Architecture

        reference = Reference(seeded(Architecture()))
        answer = lambda batch: reference(torch.from_numpy(batch))  # noqa: E731
    else:
        network = Network(Path(folder), precision)
        answer = lambda batch: network(batch, (WIDTH, HEIGHT))  # noqa: E731
    peaks = []
    for batch in (picture(), np.ascontiguousarray(picture().swapaxes(2, 3))):
        answer(batch)
        peaks.append(peak_bytes() / 2**20)
    print(json.dumps(peaks))


def _cpu(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        _answer_two(*sys.argv[2:4])
    else:
        main(*map(int, sys.argv[1:2]))
