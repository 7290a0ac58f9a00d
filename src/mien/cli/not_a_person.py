"""`mien not-a-person FIGURE`: say that nobody stands there."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.not-a-person.help"), short_help=text("cli.not-a-person.summary"))
@click.argument("figure")
@click.option("--no", is_flag=True, help=text("cli.not-a-person.no"))
@library_option
@json_option
def command(figure: str, no: bool, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.not_a_person(library, figure, not no), as_json)
