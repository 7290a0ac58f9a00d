"""Places in a picture as it is stored and as it is shown (EXIF orientation, CIPA DC-008, 4.6.5), as shares 0–1."""

from collections.abc import Callable

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1."""

_SHOWN_AT: dict[int, Callable[[float, float], tuple[float, float]]] = {
    1: lambda x, y: (x, y),
    2: lambda x, y: (1 - x, y),
    3: lambda x, y: (1 - x, 1 - y),
    4: lambda x, y: (x, 1 - y),
    5: lambda x, y: (y, x),
    6: lambda x, y: (1 - y, x),
    7: lambda x, y: (1 - y, 1 - x),
    8: lambda x, y: (y, 1 - x),
}
_BACK = {6: 8, 8: 6}


def shown(box: Box, orientation: int) -> Box:
    """Where a box of the stored picture is in the upright one."""
    place = _SHOWN_AT.get(orientation, _SHOWN_AT[1])
    (x0, y0), (x1, y1) = place(box[0], box[1]), place(box[2], box[3])
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def stored(box: Box, orientation: int) -> Box:
    """Where a box of the upright picture is in the stored one."""
    return shown(box, _BACK.get(orientation, orientation))


def is_turned(orientation: int) -> bool:
    """Whether width and height change places between the stored and the upright picture."""
    return orientation in (5, 6, 7, 8)
