"""`mien contact PERSON`: say that a person may be seen in what is shared."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.contact.help"), short_help=text("cli.contact.summary"))
@click.argument("person")
@click.option("--no", is_flag=True, help=text("cli.contact.no"))
@library_option
@json_option
def command(person: str, no: bool, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.contact(library, person, not no), as_json)
