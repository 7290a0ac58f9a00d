"""How far a download is, on stderr: a live bar on a terminal, now and then a line elsewhere, nothing with `--json`."""

import time

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from mien.cli.output import say
from mien.cli.progress import QUIET_SECONDS, Drawn
from mien.errors import MienError
from mien.language import text
from mien.models.download import Watch


class Transfer(Drawn, Watch):
    """Shows how a transfer goes."""

    def __init__(self, words: str, quiet: bool) -> None:
        console = Console(stderr=True)
        self._quiet, self._live = quiet, console.is_terminal and not quiet
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._bar = Bar(
            TextColumn("{task.description}"), *columns, console=console, transient=True, disable=not self._live
        )
        self._task = self._bar.add_task(words, total=None)
        self._said_at = time.monotonic()

    def progress(self, done: int, total: int | None) -> None:
        if self._live:
            self._bar.update(self._task, completed=done, total=total)
        elif not self._quiet and time.monotonic() - self._said_at >= QUIET_SECONDS:
            self._said_at = time.monotonic()
            whole = f"{total / 1e6:.0f}" if total else "?"
            say(text("cli.models.progress-line", done=f"{done / 1e6:.0f}", total=whole))

    def retrying(self, error: MienError, seconds: float) -> None:
        if not self._quiet:
            say(text("cli.models.retrying", reason=error.message(), seconds=f"{seconds:.0f}"))
