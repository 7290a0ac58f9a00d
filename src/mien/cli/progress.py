"""How far something is, as an index run, on stderr: a live bar on a terminal, now and then a line elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn
from rich.progress import Progress as Bar

from mien.cli.output import say
from mien.indexing.progress import Progress
from mien.language import text

QUIET_SECONDS = 10.0
"""Between two lines where there is no terminal to draw on."""

PACED = ("read", "refine")
"""Phases that go from photo to photo."""


class Drawn:
    """What draws a bar; use it in a `with` statement, so that the terminal is left in order."""

    _bar: Bar

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


class Counting(Drawn):
    """How much of something is done: a bar on a terminal, now and then a line elsewhere, nothing if `quiet`."""

    def __init__(self, words: str, quiet: bool, *columns: ProgressColumn) -> None:
        console = Console(stderr=True)
        self._quiet, self._live = quiet, console.is_terminal and not quiet
        described = TextColumn("{task.description}"), BarColumn()
        self._bar = Bar(*described, *columns, console=console, transient=True, disable=not self._live)
        self._task = self._bar.add_task(words, total=None)
        self._said_at = time.monotonic()

    def _count(self, done: int, total: int | None, line: Callable[[], str]) -> None:
        if self._live:
            self._bar.update(self._task, completed=done, total=total)
        elif not self._quiet and time.monotonic() - self._said_at >= QUIET_SECONDS:
            self._said_at = time.monotonic()
            say(line())


class Display(Drawn):
    """Shows progress."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, pace="")
        self._console = console
        self._said_at = time.monotonic()

    def show(self, progress: Progress) -> None:
        """Show the state of a run (see `mien.indexing.progress.Report`)."""
        phase, pace = text(f"cli.index.phase.{progress.phase}"), _pace(progress)
        if self._console.is_terminal:
            total = progress.found or None
            self._bar.update(self._task, description=phase, completed=progress.done, total=total, pace=pace)
        elif progress.phase in PACED and time.monotonic() - self._said_at >= QUIET_SECONDS:
            self._said_at = time.monotonic()
            self._console.print(f"{phase} {progress.done}/{progress.found} {pace}", highlight=False, soft_wrap=True)


def _pace(progress: Progress) -> str:
    """Photos per second, the time left, and how many went wrong."""
    words = []
    if progress.rate is not None and progress.phase in PACED:
        words.append(text("cli.index.rate", rate=f"{progress.rate:.1f}"))
    if progress.seconds_left is not None and progress.phase in PACED:
        words.append(text("cli.index.left", time=_duration(progress.seconds_left)))
    if progress.failed:
        words.append(text("cli.index.failed", n=progress.failed))
    return "  ".join(words)


def _duration(seconds: float) -> str:
    """As hours:minutes:seconds, without leading zeros' hours."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
