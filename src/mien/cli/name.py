"""`mien name PERSON NAME`: say who somebody is."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.naming import current_people, decide
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json
from mien.indexing.heritage import decided
from mien.indexing.regroup import sightings
from mien.language import text
from mien.people.naming import find_person, name_decision


@click.command(help=text("cli.name.help"), short_help=text("cli.name.summary"))
@click.argument("person")
@click.argument("name")
@library_option
@json_option
def command(person: str, name: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        meant = find_person(current_people(library), person)
        with library.catalog.read() as connection:
            places = {sighting.figure_id: sighting.place for sighting in sightings(connection)}
        entry = decide(library, "name", name_decision(meant, decided(library), name, places))
        named = find_person(current_people(library), entry.body["person_id"])
    if as_json:
        print_json(
            {
                "decision": entry.id,
                "person_id": named.person_id,
                "name": named.name,
                "figures": len(named.figures),
            }
        )
    else:
        click.echo(text("cli.name.done", name=named.name, figures=len(named.figures)))
