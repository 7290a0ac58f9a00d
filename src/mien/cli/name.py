"""`mien name PERSON NAME`: say who somebody is."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json, tell
from mien.indexing import naming
from mien.language import text


@click.command(help=text("cli.name.help"), short_help=text("cli.name.summary"))
@click.argument("person")
@click.argument("name")
@library_option
@json_option
def command(person: str, name: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        named = naming.name(library, person, name)
    figures = len(named.person.figures)
    if as_json:
        print_json(
            {
                "decision": named.decision.id,
                "person_id": named.person.person_id,
                "name": named.person.name,
                "figures": figures,
            }
        )
    else:
        tell(text("cli.name.done", name=named.person.name, figures=figures))
