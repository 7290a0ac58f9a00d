"""How much of one file this room is willing to take on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Files beyond these are refused with a reason before anything is decoded.

    Attributes:
        max_bytes: of the file; it is read into memory once.
        max_pixels: width × height of the full picture; the default takes a phone's 200 MP.
        max_memory: bytes that decoding may need at its peak, the file itself apart; by measured bytes per pixel.
        max_scans: of a progressive JPEG; encoders make about 10. Each goes over the whole picture, however few bytes
            it has ("Two Issues with the JPEG Standard", libjpeg-turbo project); libtiff allows as many.
    """

    max_bytes: int = 1 << 30
    max_pixels: int = 250_000_000
    max_memory: int = 1_750_000_000
    max_scans: int = 100
