"""`mien draw PHOTO X0 Y0 X1 Y1`: say that somebody stands where no engine saw anybody."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import deciding
from mien.indexing.meaning import find_photo, size_of
from mien.language import text


@click.command(help=text("cli.draw.help"), short_help=text("cli.draw.summary"))
@click.argument("photo")
@click.argument("x0", type=float)
@click.argument("y0", type=float)
@click.argument("x1", type=float)
@click.argument("y1", type=float)
@click.option("--person", metavar="PERSON", help=text("cli.draw.person"))
@library_option
@json_option
def command(
    photo: str,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    person: str | None,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    with Library.open(library_folder) as library:
        with library.catalog.read() as connection:
            photo_id = find_photo(connection, photo)
            width, height = size_of(connection, photo_id)
        box = (x0 / width, y0 / height, x1 / width, y1 / height)
        tell_decided(library, deciding.draw(library, photo_id, box, person), as_json)
