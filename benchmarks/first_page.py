"""How soon the album's pages come, from a library of 10,000 photos, beside a plain listing of all its rows.

    python -m benchmarks.first_page [PHOTOS]

The library is `benchmarks.reindex`'s, grouped; pages are asked for over HTTP and read to their last byte, without the
pictures in them, while the server looks through the library's folders again, as it does after every start. The
baseline is what a page that holds everything takes at least: every row as JSON, with no server.
"""

import dataclasses
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reindex import fill
from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing import roots
from mien.indexing.regroup import regroup

LATER = 20


@dataclass(frozen=True)
class Page:
    """One page: seconds to the last byte at its first request, and the median of `LATER` more; seconds to list all."""

    path: str
    first: float
    later: float
    listed: float
    size: int  # bytes


def measure(photos: int = 10_000) -> list[Page]:
    """The timeline, whose first request is the server's first, then the people page."""
    with tempfile.TemporaryDirectory() as folder:
        with Library.open(Path(folder, "library")) as library:
            fill(library, Path(folder, "album"), photos)
            roots.remember(library.folder, [str(Path(folder, "album"))])
            regroup(library)
            catalog = library.catalog
            listed = {
                "/": _listing(lambda: listing.photos(catalog)),
                "/people": _listing(lambda: listing.people(catalog)),
            }
        with _served(Path(folder, "library")) as address:
            return [_page(address, path, seconds) for path, seconds in listed.items()]


def _page(address: str, path: str, listed: float) -> Page:
    times, size = [], 0
    for _ in range(1 + LATER):
        started = time.perf_counter()
        with urllib.request.urlopen(address + path) as response:
            size = len(response.read())
        times.append(time.perf_counter() - started)
    return Page(path, times[0], statistics.median(times[1:]), listed, size)


def _listing(rows: Callable[[], Iterable[Any]]) -> float:
    """Median seconds of five listings."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        json.dumps([vars(row) for row in rows()])
        times.append(time.perf_counter() - started)
    return statistics.median(times)


@contextmanager
def _served(library: Path) -> Iterator[str]:
    """`mien serve` on this library; its address, without the last slash."""
    command = [sys.executable, "-m", "mien", "serve", "--port", "0", "--library", str(library), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            if not (line := server.stdout.readline()):
                raise SystemExit("mien serve failed")
            yield json.loads(line)["address"].rstrip("/")
        finally:
            server.terminate()


if __name__ == "__main__":
    print(json.dumps([dataclasses.asdict(page) for page in measure(*map(int, sys.argv[1:]))], indent=2))
