"""`mien decisions export|import FILE`: bring decisions to another library of the same photos, or keep a copy."""

import sys
from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.options import GivenPath, json_option, library_option
from mien.cli.output import print_json, say, tell
from mien.durably import replace
from mien.errors import MienError
from mien.indexing.exchanging import Conflict, ImportConflicts, export_decisions, import_decisions
from mien.language import text
from mien.people.exchange import ExchangeError, parse


@click.group(help=text("cli.decisions.help"), short_help=text("cli.decisions.summary"))
def command() -> None: ...


@command.command("export", help=text("cli.decisions.export"))
@click.argument("file", type=GivenPath(path_type=Path, allow_dash=True))
@library_option
@json_option
def _export(file: Path, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        written = export_decisions(library)
        entries = len(library.journal.entries())
    if str(file) == "-":
        click.echo(written, nl=False)
        return
    if file.exists() and not _is_ours(file):
        raise click.UsageError(text("cli.decisions.there", file=file))
    try:
        replace(file, written.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise MienError("file-unwritable", file=file, reason=error.strerror or error) from error
    if as_json:
        print_json({"file": str(file), "decisions": entries})
    else:
        tell(text("cli.decisions.exported", file=file, n=entries))


@command.command("import", help=text("cli.decisions.import"))
@click.argument("file", type=GivenPath(path_type=Path, allow_dash=True))
@click.option("--skip-conflicts", is_flag=True, help=text("cli.decisions.skip-conflicts"))
@library_option
@json_option
def _import(file: Path, skip_conflicts: bool, library_folder: Path | None, as_json: bool) -> None:
    given = _read(file)
    with Library.open(library_folder) as library:
        try:
            arrived = import_decisions(library, given, skip_conflicts=skip_conflicts)
        except ImportConflicts as error:
            _tell_conflicts(error.conflicts)
            raise
    if as_json:
        conflicts = [{"decision": one.said.decision, "against": one.against.decision} for one in arrived.conflicts]
        row = {"new": arrived.new, "known": arrived.known, "waiting": arrived.waiting, "conflicts": conflicts}
        print_json(row)
        return
    _tell_conflicts(arrived.conflicts)
    tell(text("cli.decisions.imported", new=arrived.new, known=arrived.known))
    if arrived.waiting:
        tell(text("cli.decisions.waiting", n=arrived.waiting))


def _read(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExchangeError("exchange-other") from error
    except OSError as error:
        raise MienError("file-unreadable", file=file, reason=error.strerror or error) from error


def _is_ours(file: Path) -> bool:
    """Whether a file holds decisions: nothing else is written over, least of all a photo."""
    try:
        parse(_read(file))
    except ExchangeError as error:
        return error.code == "exchange-newer"
    return True


def _tell_conflicts(conflicts: tuple[Conflict, ...]) -> None:
    for one in conflicts:
        days = (said.at.astimezone().date().isoformat() for said in (one.said, one.against))
        words = (one.said.sentence(), one.against.sentence())
        say(text("cli.decisions.conflict", day=next(days), said=words[0], other_day=next(days), other=words[1]))
