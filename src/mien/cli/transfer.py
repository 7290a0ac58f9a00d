"""How far a download is, on stderr: a live bar on a terminal, now and then a line elsewhere, nothing with `--json`."""

from rich.progress import DownloadColumn, TimeRemainingColumn, TransferSpeedColumn

from mien.cli.output import say
from mien.cli.progress import Counting
from mien.errors import MienError
from mien.language import text
from mien.models.download import Watch


class Transfer(Counting, Watch):
    """Shows how a transfer goes."""

    def __init__(self, words: str, quiet: bool) -> None:
        super().__init__(words, quiet, DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())

    def progress(self, done: int, total: int | None) -> None:
        def line() -> str:
            whole = f"{total / 1e6:.0f}" if total else "?"
            return text("cli.models.progress-line", done=f"{done / 1e6:.0f}", total=whole)

        self._count(done, total, line)

    def retrying(self, error: MienError, seconds: float) -> None:
        if not self._quiet:
            say(text("cli.models.retrying", reason=error.message(), seconds=f"{seconds:.0f}"))
