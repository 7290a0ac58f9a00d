"""Networks of the user's own for identity vectors, as ArcFace is distributed: ONNX, aligned faces of 112×112 px.

Faces are aligned by five points as ArcFace's authors do (Deng et al., "ArcFace: Additive Angular Margin Loss for Deep
Face Recognition", 2019; the template of the reference points is published with their project InsightFace).
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.faces.regions import eye_centres
from mien.models import embedders, folder
from mien.vision.geometry import FloatArray, Image, Picture, Pyramid, crop, similarity
from mien.vision.session import one_thread

VERSION = 1
"""Raised whenever this module could make other vectors of the same network and face."""

SIZE = 112
DIMENSIONS = range(128, 1025)

Colours = Literal["rgb", "bgr"]
Span = Literal["signed", "bytes"]
"""Of the pixels: "signed" from −1 to 1, as ArcFace was trained; "bytes" from 0 to 255, for networks that scale them."""

# Where a chip has the eyes of the photo's left and right, the tip of the nose, and the corners of the mouth, px.
_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
_NOSE, _MOUTH = 4, (61, 291)  # in the mesh


@dataclass(frozen=True)
class Embedder:
    """Which network, and how it wants its chips.

    Attributes:
        sha256: of its file, which the models' folder keeps.
        colours: the order of the channels.
        span: of their values.
    """

    sha256: str
    colours: Colours = "rgb"
    span: Span = "signed"

    @property
    def key(self) -> str:
        """Stands for the vectors that it makes."""
        return hashlib.sha256(f"{VERSION} {self.sha256} {self.colours} {self.span}".encode()).hexdigest()[:16]


def align(image: Picture, mesh: FloatArray) -> Image:
    """The upright chip of a face, uint8 (112, 112, 3), from its mesh points (468, 2 or 3) in px of the image."""
    left, right = eye_centres(mesh)
    points = np.array([right, left, *(mesh[i, :2] for i in (_NOSE, *_MOUTH))], np.float64)
    return crop(image, similarity(points, _TEMPLATE), (SIZE, SIZE))


class Network:
    """A network in memory. It runs on one CPU thread."""

    def __init__(self, data: bytes, name: object) -> None:
        """Load it. Raises `ModelError` if it is none, or takes or gives something else; `name` is told then."""
        try:
            self._session = onnxruntime.InferenceSession(data, one_thread(), providers=["CPUExecutionProvider"])
        except Exception as error:  # whatever a stranger's file makes of it
            raise ModelError("embedder-no-network", file=name, reason=_first_line(error)) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        fits = [output.name for output in outputs if _is_vector(output.shape)]
        self._is_nhwc = len(inputs) == 1 and _fits(inputs[0].shape, (SIZE, SIZE, 3))
        takes_floats = all(each.type == "tensor(float)" for each in inputs)
        if (
            len(inputs) != 1
            or not fits
            or not takes_floats
            or not (self._is_nhwc or _fits(inputs[0].shape, (3, SIZE, SIZE)))
        ):
            takes, gives = (_told(values) for values in (inputs, outputs))
            raise ModelError("embedder-shapes", file=name, takes=takes, gives=gives)
        self._input, self._output, self._name = inputs[0].name, fits[0], name

    def __call__(self, chips: NDArray[np.uint8], colours: Colours, span: Span) -> NDArray[np.float32]:
        """Chips uint8 (n, 112, 112, 3), RGB → float32 (n, d) of length 1, each of the chip and its mirror image.

        NaN where the network gives nothing finite. Raises `ModelError` if it cannot be run.
        """
        made = [self._run(chip, colours, span) + self._run(chip[:, ::-1], colours, span) for chip in chips]
        vectors = np.stack(made) if made else np.zeros((0, DIMENSIONS[0]), np.float32)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.where(np.isfinite(unit).all(1, keepdims=True), unit, np.float32(np.nan)).astype(np.float32)

    def _run(self, chip: Image, colours: Colours, span: Span) -> NDArray[np.float32]:
        pixels = chip.astype(np.float32)[:, :, :: 1 if colours == "rgb" else -1]
        if span == "signed":
            pixels = pixels / 127.5 - 1
        batch = pixels[None] if self._is_nhwc else pixels.transpose(2, 0, 1)[None]
        try:
            (vector,) = self._session.run([self._output], {self._input: np.ascontiguousarray(batch)})
        except Exception as error:  # a graph that loads may still be broken
            raise ModelError("embedder-no-network", file=self._name, reason=_first_line(error)) from error
        if np.ndim(vector) != 2 or np.shape(vector)[0] != 1 or np.shape(vector)[1] not in DIMENSIONS:
            raise ModelError("embedder-shapes", file=self._name, takes=SIZE, gives=np.shape(vector))
        return np.asarray(vector[0], np.float32)


def describe(embedder: Embedder, pixels: Image, meshes: Sequence[FloatArray]) -> NDArray[np.float32]:
    """The vectors (n, d) of faces in a photo, by their mesh points (468, 2), 0–1. Raises `ModelError`."""
    return loaded(embedder)(chips_of(pixels, meshes), embedder.colours, embedder.span)


def chips_of(pixels: Image, meshes: Sequence[FloatArray]) -> NDArray[np.uint8]:
    """The aligned faces of a photo, uint8 (n, 112, 112, 3), by their mesh points (468, 2), 0–1."""
    image, size = Pyramid(pixels), pixels.shape[1::-1]
    chips = [align(image, np.asarray(mesh, np.float64) * size) for mesh in meshes]
    return np.array(chips, np.uint8).reshape(-1, SIZE, SIZE, 3)


@functools.cache
def loaded(embedder: Embedder) -> Network:
    """The network of this process; it is loaded once. Raises `ModelError`."""
    place = embedders.place_of(folder(), embedder.sha256)
    return Network(embedders.read(folder(), embedder.sha256), place)


def _fits(shape: Sequence[object], wanted: tuple[int, int, int]) -> bool:
    """Whether one image (h, w, c or c, h, w) of this kind can be given; sizes without a number take any."""
    if len(shape) != 4 or (isinstance(shape[0], int) and shape[0] != 1):
        return False
    return 3 in shape[1:] and all(not isinstance(a, int) or a == b for a, b in zip(shape[1:], wanted, strict=True))


def _is_vector(shape: Sequence[object]) -> bool:
    return len(shape) == 2 and (not isinstance(shape[1], int) or shape[1] in DIMENSIONS)


def _told(values: Sequence[onnxruntime.NodeArg]) -> str:
    return ", ".join("×".join(str(side or "?") for side in value.shape) or "?" for value in values)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
