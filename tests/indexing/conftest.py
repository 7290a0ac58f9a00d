"""A library, an album of photos of coloured people, and quick ways to index it and to see what is there."""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mien.catalog.library import Library
from mien.indexing.indexer import index
from mien.indexing.summary import Summary
from tests.indexing import fake
from tests.indexing.inline import Inline

START = datetime.fromisoformat("2020-05-01T12:00:00")

Index = Callable[..., Summary]


@pytest.fixture(autouse=True)
def _fresh_networks() -> None:
    from mien.indexing import work

    work.loaded.cache_clear()
    fake.CALLS.clear()


CHANGES = frozenset(
    f"os.{name}"
    for name in (
        "chmod",
        "chown",
        "link",
        "mkdir",
        "remove",
        "rename",
        "rmdir",
        "setxattr",
        "symlink",
        "truncate",
        "utime",
    )
)
"""Audit events of what changes a file without opening it."""

_listening: list[list[tuple[str, str]]] = []


@sys.addaudithook
def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listening or (event != "open" and event not in CHANGES):
        return
    if event != "open" or arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
        paths = arguments[: 1 if event == "open" else 2]
        _listening[-1].extend((event, os.fsdecode(path)) for path in paths if isinstance(path, str | bytes | Path))


@pytest.fixture
def changes() -> Iterator[list[tuple[str, str]]]:
    """What this process opens for writing or changes in another way, as it happens: (audit event, path)."""
    _listening.append([])
    yield _listening[-1]
    _listening.pop()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Five photos with a capture time: Anna in four, Bob in three, Cem in one; one with nobody."""
    folder = tmp_path / "album"
    crowds: list[dict[str, int]] = [
        {"anna": 10, "bob": 90},
        {"anna": 50},
        {},
        {"bob": 30, "anna": 100},
        {"cem": 5, "bob": 60, "anna": 120},
    ]
    for number, people in enumerate(crowds):
        fake.photo_of(folder / f"{number}.png", people, taken=START + timedelta(hours=number), shade=number * 10)
    return folder


@pytest.fixture
def run(library: Library) -> Index:
    """Index in this process, with the fake networks."""

    def run_index(*paths: Path, engine: str = "fake") -> Summary:
        return index(library, paths or None, engine=engine, jobs=1, executor=Inline(), make_chain=fake.make_fake)

    return run_index
