"""How much nearer faces must be in a large library: of many strangers more look alike by chance.

Among n strangers n·p(b) are expected within the bound b of a face, if a share p(b) of all pairs of strangers is. What
rests on a single face (two that have only each other, one that joins by exemplars) must stand out from all of them, so
its bound falls with n such that n·p(b) stays what it was. Where several faces agree on average, chance has no part: of
the errors of linkage among 100,000 made-up figures (`benchmarks.population`) 95 % were groups of two.
"""

import math

UNCHANGED = 10_000
"""The bounds of squared distances were chosen in libraries of fewer sharp faces, where they hold as they are."""

PER_DOUBLING = 0.01 * math.log(2)
"""p falls e-fold with each 0.01 or so, crowding added: made-up strangers have 0.3, 3.4 and 22 pairs in a million within
0.20, 0.22 and 0.24. Of real ones (street photos against others) 1 in 228,525 lies within 0.22, too few to tell more;
from 0.30 to 0.36 p grows 15-fold, and 9-fold among those made up."""


def narrowing(faces: int) -> float:
    """By how much the bound for single faces falls among so many sharp ones.

    It falls each time their number doubles, so that one photo more does not part people all over the library.
    """
    return PER_DOUBLING * (faces // UNCHANGED).bit_length()


FEW, FEWEST = 2048, 128
"""From so many sharp faces on the bound of exemplars holds as it is; from so many down it is as wide as it gets."""


def widening(faces: int) -> float:
    """By how much the bound for a single face among a person's exemplars is wider in a small library.

    It has few people whom a stranger could be taken for. Of made-up strangers 3 of 1,015 join somebody within 0.26
    in libraries of 400 figures, 17 of 1,051 in those of 1,600, where 8 do within 0.24; of real ones none of 232.
    """
    return PER_DOUBLING * max(0, FEW.bit_length() - max(faces, FEWEST).bit_length())
