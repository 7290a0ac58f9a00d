"""A library of real photos, served by a real process, and a real browser before it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mien.catalog.library import Library
from mien.language import Language
from tests.browser import chromium as system
from tests.browser.serving import mien, serving
from tests.browser.visitor import Visitor

WIDE, PHONE = (1280, 900), (390, 844)
"""CSS px of a desktop's and a phone's window."""

Visit = Callable[..., Visitor]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """One browser; it ends with the package, since playwright's event loop would be in other tests' way."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make install")
    command = system.find()
    if command is None:
        pytest.skip("no Chromium here: install it from the system's packages, or name one in MIEN_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = system.launch(playwright, command)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photos of May 2024: a landscape, and an astronaut who meets herself."""
    from benchmarks.album import compose

    folder = tmp_path_factory.mktemp("browser") / "photos"
    for people, count in ((0, 1), (1, 3), (2, 2)):
        compose(folder, photos=count, people=people, size=(1200, 900))
    return folder


@pytest.fixture(scope="package")
def indexed(chromium: Any, photos: Path) -> Path:
    """The library's folder, after `mien index`."""
    library = photos.parent / "library"
    mien("index", photos, "--library", library, "--jobs", 1)
    with Library.open(library) as opened, opened.catalog.write() as connection:  # as if a second engine saw the same
        connection.execute("INSERT INTO observations SELECT photo_id, 'm2fp', fingerprint, blob FROM observations")
    return library


@pytest.fixture(scope="package")
def address(indexed: Path) -> Iterator[str]:
    """Where that library is served, to tests that only look."""
    with serving(indexed) as (_, where):
        yield where


@pytest.fixture
def own_library(indexed: Path, tmp_path: Path) -> Path:
    """A copy of the library for a test that changes it."""
    return shutil.copytree(indexed, tmp_path / "own library")


@pytest.fixture
def own_address(own_library: Path) -> Iterator[str]:
    """Where `own_library` is served."""
    with serving(own_library) as (_, where):
        yield where


@pytest.fixture
def visit(chromium: Any) -> Iterator[Visit]:
    """Opens a fresh profile at an address; whatever goes wrong on a page, or leaves for elsewhere, fails the test."""
    visitors = []

    def open_at(address: str, size: tuple[int, int] = WIDE, language: Language = "en", **options: Any) -> Visitor:
        visitors.append(Visitor(chromium, address, size, language, **options))
        return visitors[-1]

    yield open_at
    for visitor in visitors:
        visitor.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
