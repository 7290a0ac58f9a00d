"""What several rooms' tests share."""

import os
import sys
from pathlib import Path
from typing import Any

# As many tests run at once as there are cores: if each used them all, threads would only wait for one another.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1", VECLIB_MAXIMUM_THREADS="1")

import numpy as np
import pytest
from numpy.typing import NDArray

REPOSITORY = Path(__file__).parent.parent
GROUPS = (
    "tests/browser/",
    "tests/cli/",
    "tests/parsing/m2fp/",
    "tests/training/",
    "tests/indexing/",
    "tests/web/",
    "tests/demo/",
    "tests/test_docs.py",
)
"""What takes longest comes first, so that no worker is left alone with it in the end."""
SHARING = GROUPS[:3]
"""What is dear and made once for all of a group: a browser, an indexed album, converted networks."""

# The many processes that tests start would compile everything anew, each for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a module, or of a group that shares, run in one worker, which makes what they share once."""
    from xdist.scheduler import LoadScopeScheduling

    class Neighbours(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for group in SHARING if nodeid.startswith(group)), nodeid.split("::")[0])

    config.option.loadscopereorder = False  # the order is that of the collection, not by how many tests there are
    return Neighbours(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((i for i, group in enumerate(GROUPS) if item.nodeid.startswith(group)), len(GROUPS))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def quality_data() -> Path:
    """The folder of labelled photos that quality checks measure on (never part of the project)."""
    folder = Path(os.environ.get("MIEN_QUALITY_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no labelled photos at {folder}: set MIEN_QUALITY_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """A real photo of one woman, 512×512 RGB (NASA, public domain)."""
    from skimage import data

    return np.asarray(data.astronaut(), np.uint8)


@pytest.fixture(autouse=True)
def _private_environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test sees the user's own library, models or language."""
    if "tmp_path" in request.fixturenames:
        folder = request.getfixturevalue("tmp_path")
    else:  # thousands of tests write nothing: no folder is made for them
        folder = tmp_path_factory.getbasetemp() / f"unused {id(request.node):x}"
    monkeypatch.setenv("MIEN_LIBRARY", str(folder / "library"))
    monkeypatch.setenv("MIEN_MODELS", str(folder / "models"))
    monkeypatch.setenv("MIEN_LANG", "en")
