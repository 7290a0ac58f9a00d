"""What several rooms' tests share."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

REPOSITORY = Path(__file__).parent.parent


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One worker runs all that looks at pages, with one browser; it begins with them, as they are the largest group."""
    from xdist.scheduler import LoadScopeScheduling

    class OneBrowser(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if nodeid.startswith("tests/browser/") else nodeid

    return OneBrowser(config, log)


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
def _private_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's own library, models or language."""
    monkeypatch.setenv("MIEN_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("MIEN_LANG", "en")
