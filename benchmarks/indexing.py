"""From files to people: seconds per 12-megapixel photo, beside plain decoding of the same files; memory per worker.

python -m benchmarks.indexing [PHOTOS]
"""

import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image, ImageOps

from benchmarks.album import compose

JOBS = 2
PHOTOS = 200
DECODED = 24
"""Of them, for the baseline."""


@dataclass(frozen=True)
class Indexed:
    """One album of photos that all show so many people.

    Attributes:
        index: seconds per photo to index it: those of the whole run, its start included, over the photos.
        start: seconds until the first photo is stored.
        steady: seconds per photo from then on, until all people are grouped.
        cpu: seconds of one core per photo, of all processes and the whole run together.
        decode: seconds per photo to decode it in full on one core, the baseline.
        worker_bytes: resident memory of a worker at its peak.
    """

    people: int
    photos: int
    index: float
    start: float
    steady: float
    cpu: float
    decode: float
    worker_bytes: int


@dataclass(frozen=True)
class _Run:
    start: float
    seconds: float
    cpu: float
    worker_bytes: int


def measure(people: int, photos: int = PHOTOS) -> Indexed:
    """Index `photos` different photos of `people` people each with `JOBS` workers, starting them included."""
    with tempfile.TemporaryDirectory() as folder:
        paths = compose(Path(folder, "album"), photos, people)
        run = _run(Path(folder, "album"), Path(folder, "library"))
        return Indexed(
            people=people,
            photos=photos,
            index=run.seconds / photos,
            start=run.start,
            steady=(run.seconds - run.start) / (photos - 1),
            cpu=run.cpu / photos,
            decode=_decode(paths[:DECODED]),
            worker_bytes=run.worker_bytes,
        )


def _decode(paths: list[Path]) -> float:
    """Seconds per photo to decode in full, upright, on one core: what every album program does at least."""
    started = time.perf_counter()
    for path in paths:
        with Image.open(path) as image:
            ImageOps.exif_transpose(image).convert("RGB")
    return (time.perf_counter() - started) / len(paths)


def _run(album: Path, library: Path) -> _Run:
    """Run `mien index` with `JOBS` workers and watch its processes."""
    command = [sys.executable, "-m", "mien", "index", str(album), "--library", str(library), "--jobs", str(JOBS)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    first = 0.0
    cpu: dict[int, float] = {}
    peak = 0

    def watch() -> None:
        nonlocal first, peak
        while process.poll() is None:
            if not first and any(library.glob("cache/thumbnails/*/*.jpg")):
                first = time.perf_counter() - started
            try:
                family = psutil.Process(process.pid)
                for member in (family, *(children := family.children(recursive=True))):
                    times = member.cpu_times()
                    cpu[member.pid] = times.user + times.system
                peak = max([peak, *(child.memory_info().rss for child in children)])
            except psutil.Error:
                pass
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.communicate()
    seconds = time.perf_counter() - started
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return _Run(first or seconds, seconds, sum(cpu.values()), peak)


def report(run: Indexed) -> str:
    """A line for each figure, the contractual one first."""
    return "\n".join(
        (
            f"{run.photos} photos of 12 megapixels with {run.people} people, {JOBS} workers",
            f"  index, wall time of all / photos: {run.index * 1000:.1f} ms, {run.index / run.decode:.2f} decodes",
            f"  until the first photo is stored: {run.start:.2f} s",
            f"  from then on, per photo: {run.steady * 1000:.1f} ms, {run.steady / run.decode:.2f} decodes",
            f"  CPU of all processes, per photo: {run.cpu * 1000:.1f} ms, {run.cpu / run.decode:.2f} decodes",
            f"  full decode on one core: {run.decode * 1000:.1f} ms",
            f"  memory of a worker at its peak: {run.worker_bytes / 2**20:.0f} MB",
        )
    )


if __name__ == "__main__":
    for count in (0, 2):
        print(report(measure(count, *map(int, sys.argv[1:]))), flush=True)
