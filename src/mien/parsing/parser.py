"""The one seam between engines and the rest of the house."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import Parse


class Parser(Protocol):
    """An engine that finds people and their parts. Not shared between threads."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever this engine could answer differently: its code's version, model files and settings."""

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        """Parse an upright sRGB photo, uint8 (h, w, 3) of any size."""
