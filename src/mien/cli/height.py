"""`mien height PERSON CM`: say how tall a person was on a day."""

from datetime import date
from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import Day, json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.height.help"), short_help=text("cli.height.summary"))
@click.argument("person")
@click.argument("cm", type=float, required=False, metavar="[CM]")
@click.option("--on", "day", type=Day(), metavar="DAY", help=text("cli.height.on"))
@click.option("--unknown", is_flag=True, help=text("cli.height.unknown"))
@library_option
@json_option
def command(
    person: str, cm: float | None, day: date | None, unknown: bool, library_folder: Path | None, as_json: bool
) -> None:
    if (cm is None) != unknown or (unknown and day is None):
        raise click.UsageError(text("cli.height.either"))
    on = day or date.today()  # noqa: DTZ011 - the user's calendar is this computer's
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.height(library, person, on, cm), as_json)
