"""The article's pipeline as the baseline of indexing: the same networks and photos, service and album as processes.

python -m benchmarks.article_pipeline [PEOPLE [PHOTOS]]
"""

import contextlib
import dataclasses
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.album import compose
from benchmarks.article.album import Found

REPOSITORY = Path(__file__).parent.parent
PHOTOS = 24
"""At most, beside an album of any size: those that it begins with."""

EVERY = 0.02  # s between two looks at the memory


@dataclass(frozen=True)
class Baseline:
    """One run: wall seconds per photo, starting both processes included; each one's peak bytes; what was found."""

    seconds: float
    service_bytes: int
    album_bytes: int
    found: Found

    def __str__(self) -> str:
        """Milliseconds per photo, and what they were spent on."""
        share = {
            "parse": self.found.parse,
            "masks over HTTP": self.found.masks,
            "instances and features": self.found.features,
            "clustering": self.found.cluster,
        }
        spent = {step: seconds / self.found.photos for step, seconds in share.items()}
        spent["start"] = self.seconds - sum(spent.values())
        steps = ", ".join(f"{step} {seconds * 1000:.0f}" for step, seconds in spent.items())
        return f"{self.seconds * 1000:.0f} ms ({steps})"


def measure(people: int, photos: int = PHOTOS) -> Baseline:
    """Send the first photos with `people` people each of the album that is indexed through the article's pipeline."""
    with tempfile.TemporaryDirectory() as folder:
        paths = compose(Path(folder), photos, people)
        started = time.perf_counter()
        with _start("service") as service:
            try:
                assert service.stdout is not None
                if not (url := service.stdout.readline().strip()):
                    raise SystemExit("the article's service failed")
                with _start("album", url, *map(str, paths)) as album:
                    peaks = [0, 0]
                    watcher = threading.Thread(target=_watch, args=((service, album), peaks))
                    watcher.start()
                    printed, _ = album.communicate()
                    seconds = (time.perf_counter() - started) / photos
                    watcher.join()
            finally:
                service.kill()
        if album.returncode:
            raise SystemExit("the article's album failed")
        return Baseline(seconds, peaks[0], peaks[1], Found(**json.loads(printed)))


def _start(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"benchmarks.article.{module}", *arguments]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def _watch(processes: tuple[subprocess.Popen[str], ...], peaks: list[int]) -> None:
    """Note the peak resident bytes of each process, until the last one ends."""
    watched = [psutil.Process(process.pid) for process in processes]
    while processes[-1].poll() is None:
        for i, process in enumerate(watched):
            with contextlib.suppress(psutil.Error):  # just ended
                peaks[i] = max(peaks[i], process.memory_info().rss)
        time.sleep(EVERY)


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(measure(*(map(int, sys.argv[1:] or ["2"])))), indent=2))
