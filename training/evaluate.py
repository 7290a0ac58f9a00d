"""What an exported network makes of the held-back people, in the views that albums show: a table for its card."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mien.parsing.lite.network import CROPS, window
from mien.parsing.lite.skeleton import NOSE, draw_guides
from training.people import Person, load_people
from training.samples import stack
from training.scenes import join
from training.scoring import MERGED, Scores, score
from training.windows import View, look

HALF_BODY, HEAD = 2.2, 1.3  # heights of these crops over the torso's length


def evaluate(network: Path, work: Path) -> str:
    """Intersections over union, in Markdown, of the network alone: boxes from the labels, nothing repaired."""
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    people = load_people(work / "val")
    columns: dict[str, Scores] = {}
    for number, person in enumerate(people):
        neighbour = people[(number + 1) % len(people)]
        for name, view, posed in _views(person, neighbour, np.random.default_rng(number)):
            scored = score(view.labels, _answer(session, view, posed))
            columns[name] = columns.get(name, Scores.none()) + scored
    return _table(columns)


def _views(person: Person, neighbour: Person, rng: np.random.Generator) -> Iterator[tuple[str, View, bool]]:
    """Each view's name, the view, and whether the person's pose is known in it."""
    whole = look(person, *window(person.box))
    yield "whole", whole, True
    yield "no pose", whole, False
    yield "half body", look(person, *window(_upper_part(person, HALF_BODY))), True
    yield "head", look(person, *window(_upper_part(person, HEAD))), True
    yield "beside another", join(rng, whole, neighbour), True


def _upper_part(person: Person, torsos: float) -> NDArray[np.float64]:
    """The box of a person's head and what is below, so many lengths of their torso high."""
    sides = np.array([CROPS[0][0] / CROPS[0][1], 1.0]) * person.torso * torsos
    middle = np.array([(float(person.landmarks[NOSE, 0]) + person.shoulders[0]) / 2, person.box[1] + 0.44 * sides[1]])
    return np.concatenate([middle - sides / 2, middle + sides / 2])


def _answer(session: onnxruntime.InferenceSession, view: View, posed: bool) -> NDArray[np.uint8]:
    guides = draw_guides(view.landmarks if posed else None, view.others, *view.size)
    crop = stack(view.colours, guides)[None].astype(np.float32)
    logits = session.run(None, {session.get_inputs()[0].name: crop})[0][0]
    return np.asarray(logits.argmax(0), np.uint8)


def _table(columns: dict[str, Scores]) -> str:
    merged = {name: scores.merged() for name, scores in columns.items()}
    lines = [f"| IoU | {' | '.join(columns)} | photos |", "|---|" + "---|" * (len(columns) + 1)]
    for part in MERGED:
        cells = [f"{merged[name][part][0]:.2f}" if merged[name][part][1] else "–" for name in columns]
        lines.append(f"| {part} | {' | '.join(cells)} | {merged['whole'][part][1]} |")
    for title, figure in (("mean", "mean"), ("pixels right", "pixels"), ("person", "person")):
        lines.append(f"| **{title}** | {' | '.join(f'{getattr(s, figure):.3f}' for s in columns.values())} | |")
    return "\n".join(lines)
