"""`mien undo [N]`: take back the last decisions that still hold."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_undone
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.undo.help"), short_help=text("cli.undo.summary"))
@click.argument("n", type=click.IntRange(1), default=1)
@click.option("--only", metavar="DECISION", help=text("cli.undo.only"))
@library_option
@json_option
def command(n: int, only: str | None, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_undone(library, deciding.undo(library, n, only=only), as_json, "undone")
