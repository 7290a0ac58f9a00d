"""Trying again: for how long, and after which pauses."""

import random
import time

from mien.errors import MienError

PAUSE, LONGEST_PAUSE = 0.25, 8.0
"""Seconds between tries: each time twice as many, and by chance up to half as many more, lest all come at once."""


class Again(Exception):
    """It did not work, and may if tried again.

    Attributes:
        verdict: what to raise if that does not help either.
        after: seconds to wait at least.
        within: seconds for which the same may go on.
        tries: how often in a row the same may happen.
    """

    def __init__(
        self, verdict: MienError, *, after: float = 0.0, within: float = float("inf"), tries: int | None = None
    ) -> None:
        super().__init__(verdict.code)
        self.verdict, self.after, self.within, self.tries = verdict, after, within, tries


class Patience:
    """That of one task, which is to take no more than so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._pause = PAUSE
        self._code, self._since, self._count = "", 0.0, 0

    @property
    def left(self) -> float:
        """Seconds."""
        return self._end - time.monotonic()

    def wait(self, again: Again) -> None:
        """Until the next try is due. Raises the verdict if there is to be none."""
        now = time.monotonic()
        if again.verdict.code != self._code:
            self._code, self._since, self._count = again.verdict.code, now, 0
        self._count += 1
        pause = max(again.after, self._pause * random.uniform(1, 1.5))  # noqa: S311 (nothing secret)
        if self._count == again.tries or now + pause > min(self._end, self._since + again.within):
            raise again.verdict
        time.sleep(pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
