"""From files to people: seconds per 12-megapixel photo, beside plain decoding of the same files; memory per worker."""

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
PHOTOS = 24


@dataclass(frozen=True)
class Indexed:
    """One album: seconds per photo to index it and, as the baseline, to decode it in full; peak bytes of a worker."""

    people: int
    photos: int
    index: float
    decode: float
    worker_bytes: int


def measure(people: int, photos: int = PHOTOS) -> Indexed:
    """Index `photos` fresh photos of `people` people each with `JOBS` workers, starting them included."""
    with tempfile.TemporaryDirectory() as folder:
        paths = compose(Path(folder, "album"), photos, people)
        decode = _decode(paths)
        started = time.perf_counter()
        peak = _run("index", str(Path(folder, "album")), "--library", str(Path(folder, "library")))
        return Indexed(people, photos, (time.perf_counter() - started) / photos, decode, peak)


def _decode(paths: list[Path]) -> float:
    """Seconds per photo to decode in full, upright, on one core: what every album program does at least."""
    started = time.perf_counter()
    for path in paths:
        with Image.open(path) as image:
            ImageOps.exif_transpose(image).convert("RGB")
    return (time.perf_counter() - started) / len(paths)


def _run(*arguments: str) -> int:
    """Run `mien … --jobs JOBS`; returns the greatest resident memory of any of its workers."""
    process = subprocess.Popen([sys.executable, "-m", "mien", *arguments, "--jobs", str(JOBS)], stdout=subprocess.PIPE)
    peak = 0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            try:
                for child in psutil.Process(process.pid).children(recursive=True):
                    peak = max(peak, child.memory_info().rss)
            except psutil.Error:
                pass
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.communicate()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"mien {' '.join(arguments)} failed")
    return peak
