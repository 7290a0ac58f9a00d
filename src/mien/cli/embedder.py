"""`mien embedder`: a network of the user's own by which faces are told apart."""

from pathlib import Path
from typing import Any

import click

from mien.catalog import embedding as stored
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_rows, print_table, say
from mien.cli.progress import Display
from mien.errors import LibraryError
from mien.faces.embedder import Colours, Span
from mien.faces.trial import Trial
from mien.indexing import embedding
from mien.indexing.embedding import KnownEmbedder
from mien.indexing.regroup import regroup
from mien.language import text

BUILT_IN = "builtin"


@click.group(help=text("cli.embedder.help"), short_help=text("cli.embedder.summary"))
def command() -> None:
    pass


@command.command(help=text("cli.embedder.use"))
@click.argument("which", metavar="WHICH")
@click.option("--rgb", "colours", flag_value="rgb", help=text("cli.embedder.rgb"))
@click.option("--bgr", "colours", flag_value="bgr", help=text("cli.embedder.rgb"))
@click.option("--pixels", "span", type=click.Choice(["signed", "bytes"]), help=text("cli.embedder.pixels"))
@library_option
@json_option
def use(which: str, colours: Colours | None, span: Span | None, library_folder: Path | None, as_json: bool) -> None:
    from mien.indexing.trying import take

    with Library.open(library_folder) as library:
        wanted = None
        if which != BUILT_IN:
            wanted = None if colours or span else _remembered(library.folder, which)
            if wanted is None:
                wanted, trial = take(library, Path(which), colours, span)
                _tell_of(wanted, trial)
        embedding.choose(library.folder, wanted)
        _follow(library)
        _show(library, as_json)


@command.command(help=text("cli.embedder.status"))
@library_option
@json_option
def status(library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        _show(library, as_json)


def _remembered(folder: Path, which: str) -> KnownEmbedder | None:
    """The one that was given before and is meant by `which`; a file of that name that is there now goes before."""
    if Path(which).exists():
        return None
    for one in reversed(embedding.known(folder)):
        if one.name == which or (len(which) >= 4 and one.embedder.sha256.startswith(which)):
            return one
    return None


def _tell_of(wanted: KnownEmbedder, trial: Trial) -> None:
    say(text("cli.embedder.licence", name=wanted.name))
    known: dict[str, Any] = {"faces": trial.faces, "colours": trial.colours, "span": trial.span}
    if trial.told is None:
        say(text("cli.embedder.untried", **known))
    else:
        guessed = text("cli.embedder.guessed") if trial.guessed else ""
        say(text("cli.embedder.tried", told=f"{100 * trial.told:.1f}", guessed=guessed, **known))


def _follow(library: Library) -> None:
    """Have all faces described that are not yet, and group people by what is there then."""
    from mien.indexing.indexer import index

    wanted = embedding.chosen(library.folder)
    with library.catalog.read() as connection:
        lacking = wanted is not None and bool(stored.undescribed(connection, wanted.embedder.key))
    if lacking:
        try:
            with Display() as display:
                index(library, report=display.show)
        except LibraryError as error:
            if error.code not in ("index-running", "nothing-to-index"):
                raise
            say(text("cli.embedder.later"))
    regroup(library)


def _show(library: Library, as_json: bool) -> None:
    rows = _rows(library)
    if as_json:
        print_rows(rows)
        return
    columns = [text(f"cli.embedder.column.{column}") for column in ("name", "use", "described", "sure")]
    print_table(columns, [(_name(row), _use(row), _described(row), _sure(row)) for row in rows])


def _rows(library: Library) -> list[dict[str, Any]]:
    """The embedders that the library knows, as `--json` has them."""
    chosen = embedding.chosen(library.folder)
    with library.catalog.read() as connection:
        record = stored.record(connection)
        held = {one: stored.counts(connection, one.embedder.key) for one in embedding.known(library.folder)}
    by_own = embedding.in_force(record)
    faces = next(iter(held.values()))[0] if held else None
    rows: list[dict[str, Any]] = [
        {"name": BUILT_IN, "sha256": None, "chosen": chosen is None, "in_force": not by_own, "faces": faces,
         "lacking": 0, "state": "fixed"}
    ]  # fmt: skip
    for one, (all_faces, lacking) in held.items():
        is_here = record is not None and record["key"] == one.embedder.key
        learnt = {name: value for name, value in (record or {}).items() if is_here and name not in _OWN_COLUMNS}
        rows.append(
            {
                "name": one.name,
                "sha256": one.embedder.sha256,
                "colours": one.embedder.colours,
                "pixels": one.embedder.span,
                "chosen": one == chosen,
                "in_force": is_here and by_own,
                "faces": all_faces,
                "lacking": lacking,
                "state": "none",
                **learnt,
            }
        )
    return rows


_OWN_COLUMNS = ("key", "all_faces", "faces", "lacking")


def _name(row: dict[str, Any]) -> str:
    return text("cli.embedder.builtin") if row["sha256"] is None else f"{row['name']} ({row['sha256'][:8]})"


def _use(row: dict[str, Any]) -> str:
    return text(f"cli.embedder.use-state.{'in-force' if row['in_force'] else 'chosen' if row['chosen'] else 'kept'}")


def _described(row: dict[str, Any]) -> str:
    return "" if row["faces"] is None else f"{row['faces'] - row['lacking']} / {row['faces']}"


def _sure(row: dict[str, Any]) -> str:
    percent: dict[str, Any] = {
        name: "" if row.get(column) is None else f"{100 * row[column]:.0f}"
        for name, column in (("recall", "recall"), ("low", "recall_low"), ("high", "recall_high"))
    }
    return text(f"cli.embedder.state.{row['state']}", strangers=row.get("strangers"), same=row.get("same"), **percent)
