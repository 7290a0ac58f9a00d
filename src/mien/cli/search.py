"""`mien search`: photos by who is in them, what they wear, when and where."""

from dataclasses import asdict
from pathlib import Path
from typing import get_args

import click

from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_rows, print_table, say
from mien.errors import MienError
from mien.indexing import searching
from mien.indexing.deciding import up_to_date
from mien.language import current_language, text
from mien.search.answering import Answer, Result
from mien.search.explaining import row, why
from mien.search.query import Query
from mien.search.reasons import missed_text
from mien.search.resembling import What
from mien.search.wording import chips, shortened


@click.command(help=text("cli.search.help"), short_help=text("cli.search.summary"))
@click.argument("question", required=False, metavar="QUERY")
@click.option("--like", "figure", metavar="FIGURE", help=text("cli.search.like"))
@click.option(
    "--what", type=click.Choice(get_args(What)), default=None, show_default="outfit", help=text("cli.search.what")
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=searching.LIMIT, show_default=True, help=text("cli.search.limit")
)
@click.option("--explain", is_flag=True, help=text("cli.search.explain"))
@library_option
@json_option
def command(
    question: str | None,
    figure: str | None,
    what: What | None,
    limit: int,
    explain: bool,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    if (question is None) == (figure is None):
        raise click.UsageError(text("cli.search.either"))
    if what is not None and figure is None:
        raise click.UsageError(text("cli.search.what-alone"))
    with Library.open(library_folder) as library:
        up_to_date(library)
        if figure is not None:
            found = searching.more_like(library, figure, what or "outfit", limit=limit)
        else:
            found = searching.search(library, question or "", limit=limit)
        shown = [*found.results, *(found.near if explain else ())]
        paths = searching.paths(library, [result.photo_id for result in shown])
    if question is not None and found.query is not None:
        _tell_understanding(question, found.query, explain)
    if as_json:
        print_rows(asdict(row(one, paths.get(one.photo_id), near=one in found.near)) for one in shown)
    else:
        _print(found, shown, paths, explain)


def _tell_understanding(question: str, query: Query, explain: bool) -> None:
    """What of the question was not understood is always said. Raises `MienError` if that is all of it."""
    missed = [shortened(question[start:end]) for start, end in query.not_understood]
    if query == Query():
        raise MienError("nothing-understood", question=shortened(question))
    if explain:
        understood = [chip.label for chip in chips(query, question, current_language()) if chip.kind != "missed"]
        say(text("cli.search.understood", said=" · ".join(understood)))
    if missed:
        say(text("cli.search.missed", said=" · ".join(missed)))


def _print(found: Answer, shown: list[Result], paths: dict[str, str], explain: bool) -> None:
    if shown:
        print_table(
            [text(f"cli.search.{name}") for name in ("photo", "score", "why")],
            ((paths.get(result.photo_id), f"{result.score:.2f}", "  ".join(_why(found, result))) for result in shown),
        )
    if not found.results:
        say(text("cli.search.none"))
    if found.total > len(found.results):
        say(text("cli.search.more", shown=len(found.results), total=found.total))
    if found.near and not explain:
        say(text("cli.search.near", n=len(found.near)))


def _why(found: Answer, result: Result) -> list[str]:
    if result not in found.near:
        return list(why(result))
    missed = [] if result.missed is None else [missed_text(result.missed)]
    return [text("cli.search.almost", why="  ".join([*missed, *why(result)]))]
