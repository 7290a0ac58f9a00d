"""The drawn family's album, indexed once, with names; its command line and its pages."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.cli import Commands
from mien.indexing.indexer import index
from mien.language import speaking
from mien.web.app import create_app
from tests.family import album, eyes
from tests.indexing.inline import Inline
from tests.web.conftest import ADDRESS, served

Mien = Callable[..., str]


def indexed(folder: Path) -> dict[str, str]:
    """Draw the album below `folder` and index it into `folder / "library"`; person ids of who is in it."""
    album.write(folder / "photos")
    with Library.open(folder / "library") as library:
        index(library, [folder / "photos"], engine="fake", jobs=1, executor=Inline(), make_chain=eyes.make_chain)
        return album.introduce(library)


@pytest.fixture(scope="session")
def _composed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("family")
    return folder, indexed(folder)


@pytest.fixture(scope="session")
def photos(_composed: tuple[Path, dict[str, str]]) -> Path:
    """The album's folder, which no test may change."""
    return _composed[0] / "photos"


@pytest.fixture
def ids(_composed: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """Person ids of the album's people."""
    return _composed[1]


@pytest.fixture
def library(_composed: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Library]:
    """A copy of one's own."""
    with Library.open(shutil.copytree(_composed[0] / "library", tmp_path / "library")) as opened:
        yield opened


@pytest.fixture
def mien(library: Library) -> Mien:
    """Runs a command on that library, and answers what it says."""

    def run(*arguments: object, language: str = "en", code: int = 0) -> str:
        with speaking("zh" if language == "zh" else "en"):
            done = CliRunner().invoke(Commands("mien"), [*map(str, arguments), "--library", str(library.folder)])
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    """A visitor of that library's pages who reads English."""
    with served(library, make_chain=eyes.make_chain) as opened:
        headers = {"Origin": ADDRESS, "X-CSRF-Token": opened.csrf, "Accept-Language": "en", "Accept": "text/html"}
        yield TestClient(create_app(opened), base_url=ADDRESS, headers=headers, follow_redirects=False)
