"""`mien reject FIGURE`: say that a figure is not the person it is shown as."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.reject.help"), short_help=text("cli.reject.summary"))
@click.argument("figure")
@library_option
@json_option
def command(figure: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.reject(library, figure), as_json)
