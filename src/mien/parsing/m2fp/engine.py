"""The high-quality engine: a cheap first look, then M2FP, then people made of what it sees."""

import hashlib
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.models import folder
from mien.models.registry import known_models
from mien.models.store import Place
from mien.parsing.lite.bodies import normalised, trusted_poses
from mien.parsing.lite.finding import NETWORKS, PersonFinder
from mien.parsing.m2fp.bodies import PASTED
from mien.parsing.m2fp.instances import compose
from mien.parsing.m2fp.postprocessing import LEAST, find_instances
from mien.parsing.m2fp.preprocessing import LONG_SIDE as INPUT_LONG_SIDE
from mien.parsing.m2fp.preprocessing import SHORT_SIDE, prepare
from mien.parsing.m2fp.queries import Queries
from mien.parsing.m2fp.recovery import BELIEVED
from mien.parsing.m2fp.runtime import Network
from mien.parsing.parse import LONG_SIDE, Parse, map_size
from mien.vision.geometry import Picture, Pyramid
from mien.vision.pose import PoseEstimator
from mien.vision.session import fingerprint

VERSION = "1"
"""Raised whenever the code of this engine, or of its first look, may answer differently."""

MODEL = "m2fp"
"""Its name among those that can be fetched."""

PROMISE = 0.03
"""Probability of a person, to the first look, from which M2FP looks. Of 28 everyday photos without people it skips two
thirds, of 75 with people two, whose people are below a tenth of the photo high."""


class QueryNetwork(Protocol):
    """What `mien.parsing.m2fp.runtime.Network` is."""

    @property
    def fingerprint(self) -> str: ...

    def __call__(self, batch: NDArray[np.float32], size: tuple[int, int]) -> Queries: ...


class M2fpParser:
    """Satisfies `Parser`. Poses come from the shipped network, so that all that builds on a parse works the same.

    The first look, by the lite engine's detectors, decides whether anybody may be there at all; faces that it saw let
    less of M2FP's evidence count for a person there. It adds nobody of its own: a parse is what one engine sees, and
    the lite engine's parse of the photo can be kept beside it.
    """

    def __init__(self, network: QueryNetwork) -> None:
        """Load the shipped networks for what M2FP does not see. Raises `ModelError` if one is missing or damaged."""
        self._network = network
        self._finder = PersonFinder()
        self._poses = PoseEstimator()

    @property
    def fingerprint(self) -> str:
        settings = f"{SHORT_SIDE} {INPUT_LONG_SIDE} {LONG_SIDE} {LEAST} {PASTED} {BELIEVED} {PROMISE}"
        networks = f"{self._network.fingerprint} {fingerprint(*NETWORKS, 'pose')}"
        return hashlib.sha256(f"m2fp {VERSION} {networks} {settings}".encode()).hexdigest()[:16]

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        """See `Parser.parse`. Label maps are as large as `pixels`, up to a long side of 1024 px."""
        height, width = pixels.shape[:2]
        _, map_width, map_height = map_size(width, height)
        image = Pyramid(pixels)
        seeds, promise = self._finder(image)
        if not len(seeds.boxes) and promise < PROMISE:
            return Parse.empty(map_width, map_height)
        instances = find_instances(self._network(*prepare(pixels)), map_width, map_height)
        faces = seeds.faces[seeds.has_face] * ((map_width / width, map_height / height) * 2)
        people = compose(instances, map_width, map_height, faces)
        found = people.painting
        return Parse(
            figures=found.figures,
            parts=found.parts,
            boxes=found.boxes,
            scores=people.scores,
            areas=found.areas,
            confidences=found.confidences,
            uncertain=found.uncertain,
            poses=self._posed(image, found.boxes),
        )

    def _posed(self, image: Picture, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """The poses of the people in these boxes (n, 4), as `Parse` has them."""
        height, width = image.shape[:2]
        places = boxes.astype(np.float64) * (width, height, width, height)
        return normalised(trusted_poses([self._poses(image, box) for box in places], places), width, height)


def load_parser(precision: str = "f32") -> M2fpParser:
    """The engine with the network that the user has fetched, in one of `runtime.PRECISIONS`.

    Raises `ModelError` if it is not there, or damaged.
    """
    place = Place(known_models()[MODEL], folder())
    if place.state != "ready":
        raise ModelError("model-not-fetched", model=MODEL)
    return M2fpParser(Network(place.converted, precision))
