"""`mien name PERSON NAME`: say who somebody is."""

from pathlib import Path

import click

from mien.catalog import people
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json, tell
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.name.help"), short_help=text("cli.name.summary"))
@click.argument("person")
@click.argument("name")
@library_option
@json_option
def command(person: str, name: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        named = deciding.name(library, person, name)
        card = people.person(library.catalog, named.person_ids[0])
    figures = card.figures if card else 0
    called = str(named.entry.body["name"])
    if as_json:
        print_json({"decision": named.entry.id, "person_id": named.person_ids[0], "name": called, "figures": figures})
    else:
        tell(text("cli.name.done", name=called, figures=figures))
