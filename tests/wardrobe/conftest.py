"""The drawn album, indexed once, with names."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mien.catalog.library import Library
from mien.indexing.indexer import index
from tests.indexing.inline import Inline
from tests.wardrobe import album


@pytest.fixture(scope="session")
def _worn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("wardrobe")
    album.write(folder / "photos")
    with Library.open(folder / "library") as library:
        index(library, [folder / "photos"], engine="fake", jobs=1, executor=Inline(), make_chain=album.make_chain)
        ids = album.names(library)
    return folder / "library", ids


@pytest.fixture
def ids(_worn: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """Person ids of the album's people."""
    return _worn[1]


@pytest.fixture
def library(_worn: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Library]:
    """A copy of one's own."""
    with Library.open(shutil.copytree(_worn[0], tmp_path / "library")) as opened:
        yield opened
