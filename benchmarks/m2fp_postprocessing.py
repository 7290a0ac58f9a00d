"""What M2FP's post-processing costs: the engine's, lazily, against the published one, plainly restated, in one run."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tests.parsing.m2fp.published import part_and_human_outputs
from tests.parsing.m2fp.scenes import Figure, scene, seen

from mien.parsing.m2fp.instances import compose
from mien.parsing.m2fp.postprocessing import find_instances
from mien.parsing.m2fp.queries import Queries

WIDTH, HEIGHT = 853, 640
QUERIES = 100
ROUNDS = 5
FIGURES = (Figure(160, 20, 590), Figure(400, 40, 570, "coat"), Figure(640, 60, 560, "dress"))


@dataclass(frozen=True)
class Run:
    """CPU seconds, the best of several rounds: for parts and humans both ways, and for people made of them."""

    instances: int
    lazily: float
    plainly: float
    composing: float


def measure() -> Run:
    queries = _queries()
    instances = find_instances(queries, WIDTH, HEIGHT)
    return Run(
        len(instances),
        _cpu(lambda: find_instances(queries, WIDTH, HEIGHT)),
        _cpu(lambda: part_and_human_outputs(queries, WIDTH, HEIGHT)),
        _cpu(lambda: compose(instances, WIDTH, HEIGHT, np.zeros((0, 4)))),
    )


def _queries() -> Queries:
    """Of three people side by side; the other queries see nothing."""
    sure = seen(scene(FIGURES, WIDTH, HEIGHT), noise=1.0)
    others = QUERIES - len(sure.logits)
    nothing = np.tile(np.eye(sure.logits.shape[1], dtype=np.float32)[-1] * 9, (others, 1))
    faint = np.random.default_rng(0).normal(-6, 2, (others, *sure.masks.shape[1:])).astype(np.float32)
    return Queries(np.concatenate([sure.logits, nothing]), np.concatenate([sure.masks, faint]), sure.size)


def _cpu(call: Callable[[], object]) -> float:
    best = np.inf
    for _ in range(ROUNDS):
        started = time.process_time()
        call()
        best = min(best, time.process_time() - started)
    return best
