"""Has the people follow the decisions, beside the pages: in a large library that takes a minute."""

import contextlib
import threading
import time

from mien.catalog.library import Library
from mien.errors import MienError
from mien.indexing.regroup import follows_decisions, regroup

PATIENCE = 1.0
"""Seconds that a page waits for people to be grouped; some 10,000 figures are in that."""

GRACE = 2.0
"""Seconds that it may take to end; then it is left to end with the process."""

RETRY = 60.0
"""Seconds after which it is tried again, if it failed."""


class _Overtaken(Exception):
    """Something else was decided, or this is to end."""


class Following:
    """One background thread, while there is something to follow.

    Attributes:
        error: why people could not follow when that was tried last.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.error: MienError | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._since = self._not_before = 0.0
        self._closing = False

    def ensure(self, patience: float = PATIENCE) -> bool:
        """Whether the people follow all decisions. If not, see that they will; and wait for it, unless that has been
        going on for more than `patience` seconds."""
        if follows_decisions(self.library):
            self.error = None
            return True
        with self._lock:
            thread = self._thread
            is_idle = thread is None or not thread.is_alive()
            if is_idle and not self._closing and time.monotonic() >= self._not_before:
                thread = self._thread = threading.Thread(target=self._follow, name="following", daemon=True)
                self._since = time.monotonic()
                thread.start()
        if thread is not None:
            thread.join(max(0.0, self._since + patience - time.monotonic()))
        return follows_decisions(self.library)

    def close(self) -> None:
        """End within moments; whoever opens the library next goes on."""
        with self._lock:
            self._closing = True
            thread = self._thread
        if thread is not None:
            thread.join(GRACE)

    def _follow(self) -> None:
        try:
            while not self._rests():
                with contextlib.suppress(_Overtaken):
                    self._regroup()
                    self.error = None
        except MienError as error:
            self._fail(error)
        except Exception as error:
            self._fail(MienError("index-failed", reason=f"{type(error).__name__}: {error}"))

    def _rests(self) -> bool:
        """Whether there is nothing to do any more. What is decided after that is another thread's."""
        with self._lock:
            if rests := self._closing or follows_decisions(self.library):
                self._thread = None
            return rests

    def _fail(self, error: MienError) -> None:
        with self._lock:
            if not self._closing:  # else the library was closed under it
                self.error = error
            self._thread, self._not_before = None, time.monotonic() + RETRY

    def _regroup(self) -> None:
        """Group anew, unless something else is decided meanwhile: what is shown then would be lost for a while."""
        head = self.library.journal.head

        def watch() -> None:
            if self._closing or self.library.journal.head != head:
                raise _Overtaken

        regroup(self.library, watch=watch)
