"""`mien merge PERSON OTHER`: say that two people are one."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.merge.help"), short_help=text("cli.merge.summary"))
@click.argument("person")
@click.argument("other")
@library_option
@json_option
def command(person: str, other: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.merge(library, person, other), as_json)
