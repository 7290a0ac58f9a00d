"""`mien undo`: take back the last decision that still holds."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json, tell
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.undo.help"), short_help=text("cli.undo.summary"))
@library_option
@json_option
def command(library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        (done,) = deciding.undo(library)
    undone = done.of or done.entry
    if as_json:
        print_json({"undone": undone.id, "kind": undone.kind, "name": undone.body.get("name")})
    else:
        tell(text("cli.undo.done", name=undone.body.get("name", undone.kind)))
