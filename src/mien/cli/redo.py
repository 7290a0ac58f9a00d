"""`mien redo [N]`: bring back what was undone last."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_undone
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.redo.help"), short_help=text("cli.redo.summary"))
@click.argument("n", type=click.IntRange(1), default=1)
@library_option
@json_option
def command(n: int, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_undone(library, deciding.redo(library, n), as_json, "redone")
