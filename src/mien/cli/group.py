"""`mien group`: work out anew who is who."""

from pathlib import Path

import click

from mien.catalog import listing
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json, tell
from mien.indexing.regroup import METHODS, Method, regroup
from mien.language import text


@click.command(help=text("cli.group.help"), short_help=text("cli.group.summary"))
@click.option(
    "--method", type=click.Choice(list(METHODS)), default="default", show_default=True, help=text("cli.group.method")
)
@library_option
@json_option
def command(method: Method, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        regroup(library, method)
        people = listing.people(library.catalog, hidden=True)
    figures = sum(row.figures for row in people)
    if as_json:
        print_json({"method": method, "people": len(people), "figures": figures})
    else:
        tell(text("cli.group.done", people=len(people), figures=figures))
