"""`mien same FIGURE FIGURE`: say that two figures are one person."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.same.help"), short_help=text("cli.same.summary"))
@click.argument("figure")
@click.argument("other")
@library_option
@json_option
def command(figure: str, other: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.same(library, figure, other), as_json)
