"""How many labels bf16 and int8 change, on the small network that has learned (`tests/parsing/m2fp/learned`).

python -m benchmarks.m2fp_precision [PICTURES]     (needs the extra `m2fp`)
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.parsing.m2fp.learned import CHECKPOINT
from tests.parsing.m2fp.learned.pictures import HEIGHT, Drawn, draw

from mien.parsing.m2fp import preprocessing
from mien.parsing.m2fp.conversion import convert
from mien.parsing.m2fp.engine import M2fpParser
from mien.parsing.m2fp.runtime import PRECISIONS, Network
from mien.parsing.parse import Parse

PICTURES = 200
HELD_BACK = 1_000_000
"""Training has not seen pictures from this seed on."""


def main(pictures: int = PICTURES) -> None:
    preprocessing.SHORT_SIDE = HEIGHT  # it learned from small pictures
    drawn = [draw(seed) for seed in range(HELD_BACK, HELD_BACK + pictures)]
    with tempfile.TemporaryDirectory() as name:
        convert(CHECKPOINT, Path(name))
        precise = _parses(Path(name), PRECISIONS[0], drawn)
        print(f"{pictures} pictures; px of people are those that either has on one\n")
        print("| precision | people counted right | labels right | of people | labels changed | of people |")
        print("|---|---|---|---|---|---|")
        for precision in PRECISIONS:
            found = precise if precision == PRECISIONS[0] else _parses(Path(name), precision, drawn)
            counted = np.mean([len(parse) == one.figures.max() for parse, one in zip(found, drawn, strict=True)])
            wrong, changed = _apart(found, [one.parts for one in drawn]), _apart(found, [p.parts for p in precise])
            shares = (1 - wrong[0], 1 - wrong[1], *changed)
            print(f"| {precision} | {counted:.1%} | " + " | ".join(f"{share:.2%}" for share in shares) + " |")


def _parses(folder: Path, precision: str, drawn: list[Drawn]) -> list[Parse]:
    parser = M2fpParser(Network(folder, precision))
    return [parser.parse(one.pixels) for one in drawn]


def _apart(found: list[Parse], others: list[NDArray[np.uint8]]) -> tuple[float, float]:
    """Px whose labels differ, as a share of all px, and of those that show somebody in either map."""
    mine, theirs = np.stack([parse.parts for parse in found]), np.stack(others)
    differing = np.count_nonzero(mine != theirs)
    return differing / mine.size, differing / np.count_nonzero(mine | theirs)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
