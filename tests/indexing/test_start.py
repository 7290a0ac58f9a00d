"""How a run starts its workers: all at once where there is work for them, and no more than it needs."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from mien.catalog.library import Library
from mien.indexing.indexer import index
from mien.indexing.work import fingerprints
from tests.indexing import fake
from tests.indexing.inline import Inline


class Recorder(Inline):
    def __init__(self) -> None:
        self.calls: list[str] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls.append(fn.__name__)
        return super().submit(fn, *args, **kwargs)


def test_as_many_workers_load_as_there_are_new_photos_for(library: Library, album: Path, tmp_path: Path) -> None:
    def loads(*paths: Path) -> int:
        executor = Recorder()
        index(library, paths, engine="fake", jobs=3, make_chain=fake.make_fake, executor=executor)
        loading = executor.calls.count(fingerprints.__name__)
        assert executor.calls[:loading] == [fingerprints.__name__] * loading, "before the first photo"
        return loading

    (tmp_path / "nothing").mkdir()
    assert loads(tmp_path / "nothing") == 1
    assert loads(album) == 3
    assert loads(album) == 1, "nothing changed"
    for number, expected in ((1, 1), (2, 2)):
        for i in range(number):
            fake.photo_of(album / f"new {number} {i}.png", {"anna": 10 + 20 * i}, shade=100 + 10 * number + i)
        assert loads(album) == expected
