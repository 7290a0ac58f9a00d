"""CIELAB in cells of 15 bits, narrow where the eye is fine: what a colour is called is then a look into a table."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.traits import lexicon
from mien.traits.cielab import ciede2000

BITS = 5
"""Of a channel."""

CELLS = 1 << (3 * BITS)

RIVALRY = 3.0
"""Power of a name's membership beside other names'. Of the main colours of 440 labelled garments (garment_colour) those
that the table gives 0.2, 0.5, 0.9 are so called in 0.21, 0.64, 0.88 of cases; with 1, hardly any is so sure."""

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

    Names compete: on a border of two, each gets half; what is called by a shade's name is called by the basic one, too.
    """
    basic = [entry.basic == entry.name for entry in lexicon.entries("colour")]
    table = np.empty((CELLS, len(names())), np.uint8)
    for start in range(0, CELLS, _AT_ONCE):
        cells = np.arange(start, min(start + _AT_ONCE, CELLS))
        strength = lexicon.memberships(centres(cells)) ** RIVALRY
        table[cells] = np.round(strength / strength[:, basic].sum(axis=1, keepdims=True) * 100)
    table.flags.writeable = False
    return table


def distances(lab: ArrayLike) -> NDArray[np.float32]:
    """ΔE₀₀ of one colour (3,) to each cell, with k_L = 2 as for cloth: (CELLS,)."""
    return ciede2000(centres(np.arange(CELLS)), np.asarray(lab), lightness_factor=2.0).astype(np.float32)


def _bent(value: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(np.sign(value) * np.log1p(np.abs(value) * _STEEPNESS) / _STEEPNESS, np.float64)
