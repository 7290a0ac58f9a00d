"""How much of one file this room is willing to take on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Files beyond these are refused with a reason before anything is decoded.

    Attributes:
        max_bytes: of the file; it is read into memory once.
        max_pixels: width × height of the decoded picture. The default takes a phone's 200 MP and needs about 1 GB.
    """

    max_bytes: int = 1 << 30
    max_pixels: int = 250_000_000
