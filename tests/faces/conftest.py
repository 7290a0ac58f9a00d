"""One finder for all tests of this room: its networks load once."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.faces.face import Face
from mien.faces.finder import FaceFinder
from tests.faces.scenes import WOMAN, parse, photo


@pytest.fixture(scope="session")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="session")
def woman(finder: FaceFinder, astronaut: NDArray[np.uint8]) -> Face:
    """The astronaut's face."""
    (face,) = finder.find(photo(astronaut), parse(astronaut, WOMAN))
    assert face is not None
    return face
