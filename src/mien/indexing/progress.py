"""How an index run tells how far it is."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

WINDOW = 30.0
"""Seconds over which the rate is taken: long enough to be smooth, short enough to follow a change of photos."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        phase: "scan" (looking for files), "read" (the photos), "refine" (parsing them again with the better engine),
            "group" (who is who), "done".
        found: files that are to be read, as far as known.
        done: files read, failed ones included.
        failed: files that could not be read or understood.
        rate: files per second of late; None while unknown.
        seconds_left: None while unknown.
        path: the file last done.
    """

    phase: str
    found: int = 0
    done: int = 0
    failed: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    path: str | None = None


Report = Callable[[Progress], None]
"""Called in the thread that runs the index; what it raises ends the run cleanly, like Ctrl-C."""


def silent(_: Progress) -> None:
    """Report nothing."""


@dataclass
class Meter:
    """Counts what is done and works out the rate."""

    found: int
    done: int = 0
    failed: int = 0
    clock: Callable[[], float] = monotonic
    phase: str = "read"
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._marks.append((self.clock(), 0))

    def add(self, *, failed: bool) -> None:
        self.done += 1
        self.failed += failed
        self._marks.append((self.clock(), self.done))
        while len(self._marks) > 2 and self._marks[1][0] < self._marks[-1][0] - WINDOW:
            self._marks.popleft()

    def progress(self, path: str | None = None) -> Progress:
        """The state now."""
        (start, before), (end, now) = self._marks[0], self._marks[-1]
        rate = (now - before) / (end - start) if now > before and end > start else None
        left = None if rate is None else (self.found - self.done) / rate
        return Progress(self.phase, self.found, self.done, self.failed, rate, left, path)
