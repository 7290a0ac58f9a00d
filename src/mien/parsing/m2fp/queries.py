"""What the network says of one photo: for each of its queries a class and a mask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Queries:
    """q queries over an input that was padded to 4·w×4·h px.

    Attributes:
        logits: float32 (q, classes + 1); class logits, the last is "nothing".
        masks: float32 (q, h, w); mask logits, in cells of 4×4 px of the padded input.
        size: (width, height) of the photo within the padded input, px of the input.
    """

    logits: NDArray[np.float32]
    masks: NDArray[np.float32]
    size: tuple[int, int]
