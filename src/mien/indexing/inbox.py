"""Files that arrive while a run is under way: it reads them before all else, and tells whoever brought them."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from time import monotonic

LINGER = 1.5
"""Seconds that a run which has nothing else to read waits for more: who brings one photo often brings the next."""


class Inbox:
    """What was brought and is not stored yet. For several threads; one run at a time takes from it.

    Attributes:
        arrival: done once something is there to take.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[None]] = {}
        self._taken: dict[str, Future[None]] = {}
        self._until = 0.0
        self.arrival: Future[None] = Future()

    @property
    def waiting(self) -> bool:
        """Whether there is something to take."""
        return bool(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether something was taken that is not stored yet."""
        return bool(self._taken)

    @property
    def expecting(self) -> bool:
        """Whether something is there to take, or is likely to come within moments."""
        return self.waiting or monotonic() < self._until

    def bring(self, path: str) -> Future[None]:
        """Have the file at the absolute `path` read soon.

        What is returned is done once the tables say what is in it, or fails with what ended the run.
        """
        with self._lock:
            if (future := self._taken.get(path) or self._waiting.get(path)) is None:
                future = self._waiting[path] = _promise()
            if not self.arrival.done():
                self.arrival.set_result(None)
            return future

    def take(self) -> list[str]:
        """The paths that arrived since this was called last, in their order."""
        with self._lock:
            paths = list(self._waiting)
            self._taken |= self._waiting
            self._waiting = {}
            if self.arrival.done():
                self.arrival = Future()
            return paths

    def done(self, paths: Iterable[str]) -> None:
        """The tables say now what is in these files, all of which were taken."""
        with self._lock:
            futures = [self._taken.pop(path) for path in paths]
            self._until = monotonic() + LINGER
        for future in futures:
            future.set_result(None)

    def fail(self, error: Exception, *, keep: bool = False) -> None:
        """Tell all who wait that their files are not read now. With `keep` the files stay here, for another run."""
        with self._lock:
            brought = self._taken | self._waiting
            self._taken, self._waiting = {}, {path: _promise() for path in brought} if keep else {}
        for future in brought.values():
            future.set_exception(error)


def _promise() -> Future[None]:
    """A future that nobody takes back: who stops waiting for it changes nothing."""
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()
    return future
