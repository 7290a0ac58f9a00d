"""The values this room gives out: a photo, upright and in sRGB, and what its file says of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TimeSource = Literal["exif", "xmp", "iptc", "png", "gps", "filename"]


@dataclass(frozen=True)
class CaptureTime:
    """When a photo was taken. `at` is aware if the file names its zone, else naive local time.

    Where only the day is known (`date_only`), `at` is its noon: never take that for a moment.
    """

    at: datetime
    source: TimeSource
    date_only: bool = False

    def isoformat(self) -> str:
        """ISO 8601: a date where only that is known, else date, time, and zone if it is known."""
        return self.at.date().isoformat() if self.date_only else self.at.isoformat()


@dataclass(frozen=True)
class Place:
    """Where a photo was taken: WGS 84 degrees (north and east positive), metres above sea level."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True)
class Metadata:
    """What a file says of its photo. `width` and `height` are px of the upright photo at its full size."""

    format: str  # Pillow's name: "JPEG", "PNG", "HEIF", …; "RAW" for camera raw files
    width: int
    height: int
    orientation: int = 1  # EXIF, 1–8, as stored in the file; 1 where the picture itself is turned (HEIF)
    taken: CaptureTime | None = None
    place: Place | None = None
    camera: str | None = None  # maker and model
    focal_length_35mm: float | None = None  # mm
    rating: int | None = None  # 1–5 stars
    truncated: bool = False  # the file ends early; what it lacks is grey or blurred


@dataclass(frozen=True, eq=False)
class Photo:
    """One picture, upright.

    Attributes:
        key: hex sha256 of the encoded image data and its orientation, without other metadata: the photo's identity.
        pixels: uint8 (h, w, 3), sRGB, upright; h and w are the full size or an evenly reduced one.
        perceptual_hash: 64-bit gradient hash (dHash) as 16 hex digits; near copies differ in few bits.
    """

    key: str
    metadata: Metadata
    pixels: NDArray[np.uint8]
    perceptual_hash: str
