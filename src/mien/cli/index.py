"""`mien index PATH…`: find the people in folders of photos."""

from pathlib import Path
from typing import Any

import click

from mien.catalog.library import Library
from mien.cli.options import GivenPath, chosen_engine_option, json_option, library_option, say_where_photos_go
from mien.cli.output import print_json, say, tell
from mien.cli.progress import Display
from mien.errors import LibraryError, MienError
from mien.indexing.engine import chosen
from mien.indexing.indexer import index
from mien.indexing.summary import Summary
from mien.language import text

SHOWN_ERRORS = 20
"""Bad files told one by one; the rest are counted, and listed by `mien photos`."""


@click.command(help=text("cli.index.help"), short_help=text("cli.index.summary"))
@click.argument("paths", nargs=-1, type=GivenPath(path_type=str), metavar="[PATH…]")
@chosen_engine_option
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help=text("cli.index.jobs"))
@library_option
@json_option
def command(
    paths: tuple[str, ...], engine: str | None, jobs: int | None, library_folder: Path | None, as_json: bool
) -> None:
    if engine:
        say_where_photos_go(engine)
    with Library.open(library_folder) as library:
        if not engine:
            say_where_photos_go(chosen(library.folder))
        if library.on_network_drive:
            say(text("cli.network-drive"))
        with Display() as display:
            try:
                summary = index(library, paths or None, engine=engine, jobs=jobs, report=display.show)
            except LibraryError as error:
                if error.code == "nothing-to-index":
                    raise click.UsageError(error.message()) from error
                raise
    warn(summary)
    if as_json:
        print_json(record(summary))
    else:
        describe(summary)
    if summary.absent:
        raise MienError("path-absent", path=", ".join(summary.absent))
    if summary.lost:
        raise summary.lost


def warn(summary: Summary) -> None:
    """Say what could not be done."""
    for folder in summary.closed:
        say(text("cli.index.closed", folder=folder))
    for file in summary.no_pictures[:SHOWN_ERRORS]:
        say(text("cli.index.no-picture", file=file))
    for _, reason in summary.errors[:SHOWN_ERRORS]:
        say(reason.message())
    if len(summary.errors) > SHOWN_ERRORS:
        say(text("cli.index.more-errors", more=len(summary.errors) - SHOWN_ERRORS))
    if summary.waiting:
        say(text("cli.index.waiting", n=summary.waiting))


def record(summary: Summary) -> dict[str, Any]:
    """The run as JSON."""
    counted = ("files", "new", "changed", "unchanged", "moved", "missing", "offline", "read", "refined")
    held = ("photos", "figures", "faces", "people", "videos", "waiting")
    return {
        "event": "done",
        **{name: getattr(summary, name) for name in (*counted, *held)},
        "absent": list(summary.absent),
        "no_pictures": list(summary.no_pictures),
        "errors": [{"photo": path, "error": reason.message()} for path, reason in summary.errors],
        "seconds": round(summary.seconds, 2),
        "seconds_per_photo": None if summary.seconds_per_photo is None else round(summary.seconds_per_photo, 3),
    }


def describe(summary: Summary) -> None:
    """The run in words."""
    counts = ("files", "new", "changed", "unchanged", "moved", "missing", "offline", "videos", "refined")
    files = [text(f"cli.index.{name}", n=n) for name in counts if (n := getattr(summary, name)) or name == "files"]
    tell(text("cli.index.comma").join(files))
    tell(
        text(
            "cli.index.holds",
            photos=summary.photos,
            figures=summary.figures,
            faces=summary.faces,
            people=summary.people,
        )
    )
    if summary.errors:
        tell(text("cli.index.errors", n=len(summary.errors)))
    if summary.seconds_per_photo is not None:
        tell(text("cli.index.took", seconds=f"{summary.seconds:.0f}", each=f"{summary.seconds_per_photo:.2f}"))
