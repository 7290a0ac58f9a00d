"""An engine on another machine that was lost: it is asked for by itself, ever more seldom, until it answers."""

import threading
import time
from collections.abc import Callable

from mien.errors import MienError
from mien.parsing.remote.client import RemoteParser

FIRST, LONGEST = 10.0, 600.0
"""Seconds until an engine is asked for: each time twice as many."""


class Awaiting:
    """Waits for one engine at a time.

    Args:
        back: called, in a thread of its own, once it answers.
        reach: asks the service at an address what it is. Raises `MienError` if it cannot be used.
    """

    def __init__(self, back: Callable[[], None], reach: Callable[[str], object] = RemoteParser) -> None:
        self._back, self._reach = back, reach
        self._lock = threading.Lock()
        self._address: str | None = None
        self._timer: threading.Timer | None = None
        self._pause, self._due, self._answered = FIRST, 0.0, float("-inf")

    @property
    def seconds(self) -> float | None:
        """Until it is asked for, 0 while it is; None if nothing is waited for."""
        with self._lock:
            return None if self._address is None else max(0.0, self._due - time.monotonic())

    def begin(self, address: str) -> None:
        """Wait for the service at `address`; if that is done already, nothing changes.

        One that answered and was lost again soon is not asked for any sooner than before.
        """
        with self._lock:
            if self._address == address:
                return
            if self._address is not None or time.monotonic() > self._answered + LONGEST:
                self._pause = FIRST
            self._address = address
            self._schedule()

    def end(self) -> None:
        """Wait for nothing any more: it works again, or nobody wants it."""
        with self._lock:
            self._address, self._pause = None, FIRST
            if self._timer is not None:
                self._timer.cancel()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = time.monotonic() + self._pause
        self._timer = threading.Timer(self._pause, self._ask)
        self._timer.name, self._timer.daemon = "awaiting", True
        self._timer.start()
        self._pause = min(2 * self._pause, LONGEST)

    def _ask(self) -> None:
        turn, address = threading.current_thread(), self._address
        if address is None:
            return
        try:
            self._reach(address)
        except MienError:
            is_there = False
        else:
            is_there = True
        with self._lock:
            if self._address is None or self._timer is not turn:
                return  # it is not waited for any more, or for another one
            if not is_there:
                self._schedule()
                return
            self._address, self._answered = None, time.monotonic()
        self._back()
