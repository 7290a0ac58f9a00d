"""`mien history`: what was decided, newest first."""

from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_rows, print_table, say
from mien.indexing import deciding
from mien.language import text
from mien.people.history import Said


@click.command(help=text("cli.history.help"), short_help=text("cli.history.summary"))
@click.option("--limit", type=click.IntRange(1), help=text("cli.history.limit"))
@library_option
@json_option
def command(limit: int | None, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        rows = deciding.history(library, limit)
    if as_json:
        print_rows(
            {
                "decision": said.decision,
                "at": said.at.isoformat(),
                "kind": said.kind,
                "holds": said.holds,
                "against": said.against,
                "said": said.sentence(),
            }
            for said in rows
        )
    elif not rows:
        say(text("cli.history.none"))
    else:
        print_table(
            [text(f"cli.history.{name}") for name in ("at", "said", "state", "decision")],
            (
                (said.at.astimezone().strftime("%Y-%m-%d %H:%M"), said.sentence(), _state(said), said.decision[:8])
                for said in rows
            ),
        )


def _state(said: Said) -> str:
    if not said.holds:
        return text("cli.history.undone")
    return "" if said.against is None else text("cli.history.without-effect", against=said.against[:8])
