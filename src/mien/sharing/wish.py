"""What is wanted of a copy, and who stands in the photo: the values that this room takes in."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Style = Literal["blur", "pixelate", "fill", "silhouette"]
STYLES: tuple[Style, ...] = ("blur", "pixelate", "fill", "silhouette")

Whose = Literal["none", "children", "strangers", "both", "everybody"]
SKIN: tuple[Whose, ...] = ("none", "children", "strangers", "both", "everybody")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Wish:
    """How a copy is to look.

    Attributes:
        style: what is drawn over heads; "silhouette" covers whole figures.
        skin: whose bare torso and legs are hidden too: of "children" (all who are not known to be grown up, those who
            may be seen included), of "strangers" (all who may not be seen), of "both", of "everybody".
    """

    style: Style = "blur"
    skin: Whose = "none"

    def hides_skin(self, *, keep: bool, grown_up: bool) -> bool:
        """Whether the skin of somebody is to be hidden."""
        return (
            self.skin == "everybody"
            or (self.skin in ("children", "both") and not grown_up)
            or (self.skin in ("strangers", "both") and not keep)
        )


@dataclass(frozen=True, eq=False)
class Subject:
    """One figure of a photo, as far as it is known. Boxes and landmarks in 0–1 of the upright photo.

    Attributes:
        box: of the whole visible body.
        ordinal: its place in the photo's parse; None for one drawn by hand.
        keep: whether they may be seen. Whoever is in doubt may not.
        grown_up: whether they are known to be; who is not counts as a child.
        face: box from forehead to chin; None if none was found.
        landmarks: float32 (468, 2), of the face.
        vector: float32 (128,), of a face that can tell who it is; else None.
    """

    box: Box
    ordinal: int | None = None
    keep: bool = False
    grown_up: bool = False
    face: Box | None = None
    landmarks: NDArray[np.float32] | None = None
    vector: NDArray[np.float32] | None = None
