"""`mien born PERSON DATE`: say when a person was born."""

from datetime import datetime
from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.born.help"), short_help=text("cli.born.summary"))
@click.argument("person")
@click.argument("date", type=click.DateTime(["%Y-%m-%d"]), required=False, metavar="[DATE]")
@click.option("--unknown", is_flag=True, help=text("cli.born.unknown"))
@library_option
@json_option
def command(person: str, date: datetime | None, unknown: bool, library_folder: Path | None, as_json: bool) -> None:
    if (date is None) != unknown:
        raise click.UsageError(text("cli.born.either"))
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.born(library, person, None if date is None else date.date()), as_json)
