"""A library of photos of coloured people as it is served, and a visitor."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.indexing.indexer import index
from mien.indexing.stages import MakeChain
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.background.keeper import Keeper
from mien.web.pictures.studio import Studio
from tests.indexing.fake import make_fake, photo_of
from tests.indexing.inline import Inline

ADDRESS = "http://127.0.0.1"


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos from three months and of unknown times; all tests share it, so none may change it.

    Anna is in seven photos, Bob in four, Cem in three, Dana in one. One photo shows nobody, one has a copy, and one
    file is broken.
    """
    folder = tmp_path_factory.mktemp("served") / "photos"
    crowds: dict[str, tuple[str | None, dict[str, int]]] = {
        "party": ("2024-05-18T20:00:00", {"anna": 10, "bob": 60, "cem": 110}),
        "dance": ("2024-05-18T21:30:00", {"anna": 40, "bob": 100}),
        "cake": ("2024-05-18T22:00:00", {"bob": 60}),
        "beach": ("2024-03-02T12:00:00", {"anna": 20, "cem": 120}),
        "swim": ("2024-03-02T13:00:00", {"anna": 80}),
        "sunset": ("2024-03-02T18:00:00", {}),
        "school": ("2023-09-01T08:00:00", {"dana": 70}),
        "street": ("2023-09-03T16:00:00", {"anna": 5, "cem": 65, "bob": 125}),
        "scan": (None, {"anna": 50}),
        "mum's & dad's": (None, {"anna": 110}),
    }
    for shade, (name, (taken, people)) in enumerate(crowds.items()):
        photo_of(
            folder / f"{name}.png", people, taken=datetime.fromisoformat(taken) if taken else None, shade=shade * 10
        )
    shutil.copy(folder / "beach.png", folder / "beach again.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo")
    return folder


@pytest.fixture(scope="session")
def _indexed(photos: Path) -> Path:
    folder = photos.parent / "library"
    with Library.open(folder) as library:
        index(library, [photos], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    return folder


@pytest.fixture
def library(_indexed: Path, tmp_path: Path) -> Iterator[Library]:
    """The library of `photos`, indexed: this test's own copy."""
    with Library.open(shutil.copytree(_indexed, tmp_path / "library")) as opened:
        yield opened


@contextmanager
def served(library: Library, engine: str = "fake", make_chain: MakeChain = make_fake) -> Iterator[Album]:
    """A library as it is served, with fake networks unless others are named."""
    keeper, studio = Keeper(library, engine=engine, jobs=1, make_chain=make_chain), Studio(library)
    try:
        yield Album(library, keeper, studio)
    finally:
        keeper.close()
        studio.close()


@pytest.fixture
def album(library: Library) -> Iterator[Album]:
    """That library as it is served."""
    with served(library) as album:
        yield album


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Album]:
    """A library without photos as it is served, which the tests of a module may fill."""
    with Library.open(tmp_path_factory.mktemp("empty") / "library") as library, served(library) as album:
        yield album


@pytest.fixture
def csrf(album: Album) -> str:
    """What a form of ours proves itself with."""
    return album.csrf


@pytest.fixture
def client(album: Album) -> TestClient:
    """A visitor who reads English and follows no redirects; its requests look like those of our own pages' scripts."""
    headers = {"Origin": ADDRESS, "X-CSRF-Token": album.csrf, "Accept-Language": "en"}
    return TestClient(create_app(album), base_url=ADDRESS, headers=headers, follow_redirects=False)
