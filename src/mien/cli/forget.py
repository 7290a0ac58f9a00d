"""`mien forget PATH`: keep up no longer with a folder."""

from dataclasses import asdict
from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.options import GivenPath, json_option, library_option
from mien.cli.output import print_json, tell
from mien.indexing.forgetting import forget
from mien.language import text


@click.command(help=text("cli.forget.help"), short_help=text("cli.forget.summary"))
@click.argument("path", type=GivenPath(path_type=str))
@library_option
@json_option
def command(path: str, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        forgotten = forget(library, path)
    if as_json:
        print_json(asdict(forgotten))
    else:
        tell(text("cli.forget.done", path=", ".join(forgotten.folders) or path, photos=forgotten.photos))
