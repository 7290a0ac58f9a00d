"""`Parse`: where every person of a photo stands, and which pixel shows which part of them."""

import io
import zipfile
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

PARTS = (
    "background", "hat", "hair", "glove", "sunglasses", "upper-clothes", "dress", "coat", "socks", "pants",
    "torso-skin", "scarf", "skirt", "face", "left-arm", "right-arm", "left-leg", "right-leg", "left-shoe",
    "right-shoe",
)  # fmt: skip
"""CIHP's 20 labels in their order (Gong et al., Instance-level Human Parsing, ECCV 2018); left is the person's left."""

PART_ID = {name: i for i, name in enumerate(PARTS)}
BAG = 20
"""Not a CIHP part: some engines see bags. They count in a parse's statistics only, never in its label map."""

LONG_SIDE = 1024
"""No parse is larger than this many px."""

LANDMARKS = 33
"""BlazePose's landmarks (Bazarevsky et al., 2020): 0 nose … 11/12 shoulders … 23/24 hips … 31/32 feet."""


def map_size(width: int, height: int) -> tuple[float, int, int]:
    """The label maps of a photo of `width`×`height` px: their px per px of the photo, their width and height."""
    scale = min(1.0, LONG_SIDE / max(width, height))
    return scale, max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, eq=False)
class Parse:
    """The figures of one photo as one engine observed them. n figures, H×W px (long side ≤ 1024).

    Attributes:
        figures: uint16 (H, W); 0 = nobody, i = figure i (1…n).
        parts: uint8 (H, W); CIHP ids 0–19, non-zero only where `figures` is.
        boxes: float32 (n, 4); x0, y0, x1, y1 in 0–1 of the upright photo; the whole visible body.
        scores: float32 (n,); 0–1, that this is a person.
        areas: int32 (n, 21); px of each part in this parse; column 20 is `BAG`.
        confidences: float32 (n, 21); probability that the figure really has the part, 0 where no px show it.
        uncertain: float32 (n,); share of the figure's px whose label is right with a probability below 0.5.
        poses: float32 (n, 33, 3); x, y in 0–1 of the photo and visibility 0–1; NaN where no pose is known.
    """

    figures: NDArray[np.uint16]
    parts: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    areas: NDArray[np.int32]
    confidences: NDArray[np.float32]
    uncertain: NDArray[np.float32]
    poses: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.boxes)
        expected: dict[str, tuple[tuple[int, ...], type[np.generic]]] = {
            "figures": (self.figures.shape, np.uint16),
            "parts": (self.figures.shape, np.uint8),
            "boxes": ((n, 4), np.float32),
            "scores": ((n,), np.float32),
            "areas": ((n, BAG + 1), np.int32),
            "confidences": ((n, BAG + 1), np.float32),
            "uncertain": ((n,), np.float32),
            "poses": ((n, LANDMARKS, 3), np.float32),
        }
        if self.figures.ndim != 2 or max(self.figures.shape) > LONG_SIDE:
            raise ValueError(f"figures: expected (H, W) of at most {LONG_SIDE} px, got {self.figures.shape}")
        for name, (shape, dtype) in expected.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != dtype:
                wanted = f"{np.dtype(dtype).name} {shape}"
                raise ValueError(f"{name}: expected {wanted}, got {array.dtype.name} {array.shape}")
            array.flags.writeable = False
        if self.figures.max(initial=0) > n:
            raise ValueError(f"figures: label {self.figures.max()} for {n} figures")
        if self.parts.max(initial=0) >= len(PARTS):
            raise ValueError(f"parts: unknown label {self.parts.max()}")
        if np.any(self.parts[self.figures == 0]):
            raise ValueError("parts: a part outside every figure")

    def __len__(self) -> int:
        """How many figures."""
        return len(self.boxes)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the label maps, px."""
        height, width = self.figures.shape
        return width, height

    def mask(self, figure: int, part: int | str | None = None) -> NDArray[np.bool_]:
        """Where figure `figure` (0…n−1), or one part of it (id or CIHP name), is seen: bool (H, W)."""
        if not 0 <= figure < len(self):
            raise IndexError(f"figure {figure} of {len(self)}")
        mine = np.equal(self.figures, figure + 1)
        if part is None:
            return mine
        return mine & np.equal(self.parts, PART_ID[part] if isinstance(part, str) else part)

    def to_bytes(self) -> bytes:
        """Losslessly compressed: a NumPy `.npz` archive, deflated at its fastest level (label maps shrink well)."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for field in fields(self):
                member = io.BytesIO()
                np.lib.format.write_array(member, getattr(self, field.name), allow_pickle=False)
                # A fixed date makes equal parses equal bytes; `ZipInfo` would be stored uncompressed unless told.
                name = zipfile.ZipInfo(f"{field.name}.npy")
                archive.writestr(name, member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=1)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Parse":
        """The parse that `to_bytes` wrote. Raises `ValueError` for anything else."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                # Whole members first: their checksums are compared before anything in them is believed.
                members = {field.name: io.BytesIO(archive.read(f"{field.name}.npy")) for field in fields(cls)}
            return cls(**{name: np.lib.format.read_array(member) for name, member in members.items()})
        except MemoryError:
            raise
        except Exception as error:  # damaged archives raise many kinds
            raise ValueError(f"not a parse: {error}") from error

    @classmethod
    def empty(cls, width: int, height: int) -> "Parse":
        """A photo of `width`×`height` px (of the parse) without people."""
        return cls(
            figures=np.zeros((height, width), np.uint16),
            parts=np.zeros((height, width), np.uint8),
            boxes=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
            areas=np.zeros((0, BAG + 1), np.int32),
            confidences=np.zeros((0, BAG + 1), np.float32),
            uncertain=np.zeros(0, np.float32),
            poses=np.zeros((0, LANDMARKS, 3), np.float32),
        )
