"""`mien hide PERSON`: keep a person from lists."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.hide.help"), short_help=text("cli.hide.summary"))
@click.argument("person")
@click.option("--show", is_flag=True, help=text("cli.hide.show"))
@library_option
@json_option
def command(person: str, show: bool, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.hide(library, person, not show), as_json)
