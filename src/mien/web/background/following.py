"""Has the people follow the decisions, beside the pages, and then the questions the people.

In a large library either takes a minute.
"""

import contextlib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from mien.catalog.library import Library
from mien.errors import MienError
from mien.indexing import reviewing
from mien.indexing.regroup import follows_decisions, regroup

PATIENCE = 1.0
"""Seconds that a page waits for people to be grouped; some 10,000 figures are in that."""

GRACE = 2.0
"""Seconds that it may take to end; then it is left to end with the process."""

RETRY = 60.0
"""Seconds after which it is tried again, if it failed."""


class _Overtaken(Exception):
    """Something else was decided, or this is to end."""


class Beside(ABC):
    """One background thread, while there is something to do.

    Attributes:
        error: why it could not be done when that was tried last.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.error: MienError | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._since = self._not_before = 0.0
        self._closing = False

    @abstractmethod
    def _is_done(self) -> bool:
        """Whether there is nothing to do now."""

    @abstractmethod
    def _do(self, watch: Callable[[], None]) -> None:
        """Do it; `watch` is to be called many times a second, and what it raises ends this."""

    def ensure(self, patience: float = PATIENCE) -> bool:
        """Whether it is done. If not, see that it will be; and wait for it, unless that has been going on for more
        than `patience` seconds."""
        if self._is_done():
            self.error = None
            return True
        with self._lock:
            thread = self._thread
            is_idle = thread is None or not thread.is_alive()
            if is_idle and not self._closing and time.monotonic() >= self._not_before:
                name = type(self).__name__.lower()
                thread = self._thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._since = time.monotonic()
                thread.start()
        if thread is not None:
            thread.join(max(0.0, self._since + patience - time.monotonic()))
        return self._is_done()

    def close(self) -> None:
        """End within moments; whoever opens the library next goes on."""
        with self._lock:
            self._closing = True
            thread = self._thread
        if thread is not None:
            thread.join(GRACE)

    def _work(self) -> None:
        try:
            while not self._rests():
                with contextlib.suppress(_Overtaken):
                    self._begin()
                    self.error = None
        except MienError as error:
            self._fail(error)
        except Exception as error:
            self._fail(MienError("index-failed", reason=f"{type(error).__name__}: {error}"))

    def _rests(self) -> bool:
        """Whether there is nothing to do any more. What is decided after that is another thread's."""
        with self._lock:
            if rests := self._closing or self._is_done():
                self._thread = None
            return rests

    def _fail(self, error: MienError) -> None:
        with self._lock:
            if not self._closing:  # else the library was closed under it
                self.error = error
            self._thread, self._not_before = None, time.monotonic() + RETRY

    def _begin(self) -> None:
        """Do it, unless something else is decided meanwhile: what is shown then would be lost for a while."""
        head = self.library.journal.head

        def watch() -> None:
            if self._closing or self.library.journal.head != head:
                raise _Overtaken

        self._do(watch)


class Following(Beside):
    """People follow the decisions."""

    def _is_done(self) -> bool:
        return follows_decisions(self.library)

    def _do(self, watch: Callable[[], None]) -> None:
        regroup(self.library, watch=watch)


class Asking(Beside):
    """Questions follow the people; while those do not follow the decisions, there is nothing to ask about them."""

    def _is_done(self) -> bool:
        return reviewing.is_prepared(self.library) or not follows_decisions(self.library)

    def _do(self, watch: Callable[[], None]) -> None:
        reviewing.prepare(self.library, watch)
