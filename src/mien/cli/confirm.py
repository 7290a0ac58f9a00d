"""`mien confirm FIGURE… PERSON`: say that figures show a person."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.confirm.help"), short_help=text("cli.confirm.summary"))
@click.argument("figures", nargs=-1, required=True)
@click.argument("person")
@library_option
@json_option
def command(figures: tuple[str, ...], person: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.confirm(library, figures, person), as_json)
