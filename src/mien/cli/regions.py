"""`mien regions import|export`: names from and for other programs."""

from pathlib import Path

import click
from rich.progress import MofNCompleteColumn

from mien.catalog.library import Library
from mien.cli.options import GivenPath, json_option, library_option
from mien.cli.output import print_json, say, tell
from mien.cli.progress import Counting
from mien.errors import MienError
from mien.indexing import deciding
from mien.indexing.region_export import export_regions
from mien.indexing.region_import import Imported, LeftAlone, import_regions
from mien.language import text

SHOWN = 20
"""Regions left alone that are told one by one."""


@click.group(help=text("cli.regions.help"), short_help=text("cli.regions.summary"))
def command() -> None:
    pass


_folder = GivenPath(path_type=Path, file_okay=False)
_sidecars = GivenPath(path_type=Path, file_okay=False, exists=True)


@command.command("import", help=text("cli.regions.import"))
@click.argument("paths", nargs=-1, type=GivenPath(path_type=str), metavar="[PATH…]")
@click.option("--from", "folder", type=_sidecars, metavar="DIR", help=text("cli.regions.from"))
@click.option("--dry-run", is_flag=True, help=text("cli.regions.dry-import"))
@library_option
@json_option
def import_(
    paths: tuple[str, ...], folder: Path | None, dry_run: bool, library_folder: Path | None, as_json: bool
) -> None:
    with Library.open(library_folder) as library:
        with _Reading(as_json) as reading:
            found = import_regions(library, paths, folder=folder, dry_run=dry_run, report=reading.show)
        if as_json:
            _print_import(found, dry_run)
        else:
            _tell_import(found, dry_run)
        if found.people and not dry_run:
            deciding.up_to_date(library)


def _print_import(found: Imported, dry_run: bool) -> None:
    print_json(
        {
            "event": "done",
            "dry_run": dry_run,
            "files": found.photos,
            "regions": found.regions,
            "unnamed": found.unnamed,
            "known": found.known,
            "decisions": 0 if dry_run else len(found.people),
            "people": [
                {"person_id": p.person_id, "name": p.name, "figures": p.figures, "drawn": p.drawn} for p in found.people
            ],
            "left": [
                {"photo": str(left.photo), "name": left.name, "reason": left.reason.message(), "code": left.reason.code}
                for left in found.left
            ],
        }
    )


def _tell_import(found: Imported, dry_run: bool) -> None:
    for left in found.left[:SHOWN]:
        say(_left(left))
    if len(found.left) > SHOWN:
        say(text("cli.regions.left-more", more=len(found.left) - SHOWN))
    tell(
        text(
            "cli.regions.found",
            regions=found.regions,
            photos=found.photos,
            unnamed=found.unnamed,
            known=found.known,
        )
    )
    for person in found.people:
        key = "named-drawn" if person.drawn else "named"
        tell("  " + text(f"cli.regions.{key}", name=person.name, figures=person.figures, drawn=person.drawn))
    key = "nothing-new" if not found.people else "would-import" if dry_run else "imported"
    tell(text(f"cli.regions.{key}", people=len({p.person_id for p in found.people}), n=len(found.people)))


def _left(left: LeftAlone) -> str:
    if left.name is None:
        return left.reason.message()
    return text("cli.regions.left", photo=left.photo, name=left.name, reason=left.reason.message())


@command.command(help=text("cli.regions.export"))
@click.option("--person", "people", multiple=True, metavar="PERSON", help=text("cli.regions.person"))
@click.option("--to", "folder", type=_folder, metavar="DIR", help=text("cli.regions.to"))
@click.option("--beside", is_flag=True, help=text("cli.regions.beside"))
@click.option("--guesses", is_flag=True, help=text("cli.regions.guesses"))
@click.option("--dry-run", is_flag=True, help=text("cli.regions.dry-export"))
@library_option
@json_option
def export(
    people: tuple[str, ...],
    folder: Path | None,
    beside: bool,
    guesses: bool,
    dry_run: bool,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    if beside == (folder is not None):
        raise click.UsageError(text("cli.regions.where"))
    with Library.open(library_folder) as library, _Reading(as_json) as reading:
        done = export_regions(library, people, folder=folder, guesses=guesses, dry_run=dry_run, report=reading.show)
    for error in done.left:
        say(error.message())
    if as_json:
        print_json(
            {
                "event": "done",
                "dry_run": dry_run,
                "faces": done.faces,
                "people": len(done.people),
                "written": [str(path) for path in done.written],
                "unchanged": done.unchanged,
                "left": [error.message() for error in done.left],
            }
        )
    else:
        tell(
            text(
                "cli.regions.would-export" if dry_run else "cli.regions.exported",
                n=len(done.written),
                unchanged=done.unchanged,
                faces=done.faces,
                people=len(done.people),
            )
        )
    if done.left:
        raise MienError("some-sidecars-left", n=len(done.left))


class _Reading(Counting):
    """How many files were read."""

    def __init__(self, quiet: bool) -> None:
        super().__init__(text("cli.regions.reading"), quiet, MofNCompleteColumn())

    def show(self, done: int, total: int) -> None:
        self._count(done, total, lambda: text("cli.regions.progress-line", done=done, total=total))
