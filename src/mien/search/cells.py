"""CIELAB in cells of 15 bits, narrow where the eye is fine: what a colour is called is then a look into a table."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.traits import lexicon
from mien.traits.cielab import ciede2000

BITS = 5
"""Of a channel."""

CELLS = 1 << (3 * BITS)

RIVALRY = 2.0
"""Power of a name's membership beside that of its strongest rival."""

COMMON = {"black": 2.5, "white": 2.5, "blue": 1.5}
"""How much likelier garments are of these basic colours than of others: what is almost black is called so."""

_LEVELS = 1 << BITS
_STEEPNESS = 0.045
"""ΔE₀₀ weighs a difference of chroma by 1 / (1 + 0.045 C): steps of a and b grow alike, from 2.4 to 12."""

_WIDEST = 100.0
"""|a| and |b| of cloth are less (those of sRGB reach 108); what is beyond counts as this."""

_AT_ONCE = 2048


def quantised(lab: ArrayLike) -> NDArray[np.uint16]:
    """The cells of CIELAB colours (…, 3): uint16 (…), below `CELLS`."""
    value = np.asarray(lab, np.float64)
    lightness = np.clip(value[..., 0] / 100 * _LEVELS, 0, _LEVELS - 1).astype(np.uint16)
    chroma = _bent(np.clip(value[..., 1:], -_WIDEST, _WIDEST)) / _bent(np.float64(_WIDEST))
    steps = np.clip((chroma + 1) / 2 * _LEVELS, 0, _LEVELS - 1).astype(np.uint16)
    return np.asarray((lightness << (2 * BITS)) | (steps[..., 0] << BITS) | steps[..., 1], np.uint16)


def centres(cells: ArrayLike) -> NDArray[np.float64]:
    """The CIELAB colours in the middle of cells (…): (…, 3)."""
    cell = np.asarray(cells).astype(np.int64)
    channels = np.stack([cell >> (2 * BITS), cell >> BITS & (_LEVELS - 1), cell & (_LEVELS - 1)], axis=-1)
    middle = (channels + 0.5) / _LEVELS
    chroma = (middle[..., 1:] * 2 - 1) * _bent(np.float64(_WIDEST))
    unbent = np.sign(chroma) * np.expm1(np.abs(chroma) * _STEEPNESS) / _STEEPNESS
    return np.concatenate([middle[..., :1] * 100, unbent], axis=-1)


@cache
def names() -> tuple[str, ...]:
    """The colours that `memberships` has, in its order."""
    return tuple(entry.name for entry in lexicon.entries("colour"))


@cache
def memberships() -> NDArray[np.uint8]:
    """How likely each cell is called by each of `names()`: (CELLS, names), 0–100; read-only. Takes a second: keep it.

    A name has one rival, the best basic colour but its own: where two or more meet, each of them gets half, as people
    call such a colour by any of them. What is called by a shade's name is called by the basic one, too.
    """
    entries = lexicon.entries("colour")
    basics = [i for i, entry in enumerate(entries) if entry.basic == entry.name]
    common = np.array([COMMON.get(entry.basic, 1.0) for entry in entries])
    others = [[i for i in basics if entries[i].name != entry.basic] for entry in entries]
    table = np.empty((CELLS, len(names())), np.uint8)
    for start in range(0, CELLS, _AT_ONCE):
        cells = np.arange(start, min(start + _AT_ONCE, CELLS))
        strength = lexicon.memberships(centres(cells)) ** RIVALRY * common
        rival = np.stack([strength[:, theirs].max(axis=1) for theirs in others], axis=1)
        table[cells] = np.round(strength / (strength + rival) * 100)
    table.flags.writeable = False
    return table


def distances(lab: ArrayLike) -> NDArray[np.float32]:
    """ΔE₀₀ of one colour (3,) to each cell, with k_L = 2 as for cloth: (CELLS,)."""
    return ciede2000(centres(np.arange(CELLS)), np.asarray(lab), lightness_factor=2.0).astype(np.float32)


def _bent(value: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(np.sign(value) * np.log1p(np.abs(value) * _STEEPNESS) / _STEEPNESS, np.float64)
