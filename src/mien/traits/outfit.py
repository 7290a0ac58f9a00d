"""Kinds of garments as one vector, to compare how two figures are dressed whatever the colours."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

PARTS: dict[str, tuple[str, ...]] = {
    "upper": ("upper-clothes", "coat", "dress"),
    "lower": ("pants", "jeans", "shorts", "skirt", "dress"),
    "arms": ("bare", "covered"),
    "legs": ("bare", "covered"),
}
"""What may be worn at each part of the body. Who wears a dress wears it above and below."""

LENGTH = sum(map(len, PARTS.values()))


def outfit(record: Mapping[str, Any]) -> NDArray[np.float32]:
    """The chances of each of `PARTS`, (`LENGTH`,), from a record of `traits.to_json`; they sum to 1 for each part, or
    to 0 where nothing is known of it."""
    chances = np.concatenate([_part(record, part, values) for part, values in PARTS.items()])
    return np.asarray(chances, np.float32)


def parts_of(outfits: NDArray[np.floating]) -> list[NDArray[np.float64]]:
    """Vectors (n, `LENGTH`) part by part: the chances of each one's values (n, k)."""
    ends = np.cumsum([len(values) for values in PARTS.values()])
    return np.split(outfits.astype(np.float64), ends[:-1], axis=1)


def _part(record: Mapping[str, Any], part: str, values: tuple[str, ...]) -> NDArray[np.float64]:
    given = record.get(part, {}).get("chances", {})
    if part in ("upper", "lower") and part not in record and "dress" in record:
        dress = record["dress"].get("chances", {}).get("dress", 0.0)
        given = {value: dress if value == "dress" else (1 - dress) / (len(values) - 1) for value in values}
    chances = np.array([given.get(value, 0.0) for value in values])
    return np.asarray(chances / max(float(chances.sum()), 1e-9))
