"""`mien split PERSON FIGURE…`: say that figures are one person, but not this one."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.split.help"), short_help=text("cli.split.summary"))
@click.argument("person")
@click.argument("figures", nargs=-1, required=True)
@library_option
@json_option
def command(person: str, figures: tuple[str, ...], library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.split(library, person, figures), as_json)
