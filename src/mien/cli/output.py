"""What commands print: JSON Lines and tables on stdout, words on stderr."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def print_json(row: dict[str, Any]) -> None:
    """One line of JSON on stdout."""
    click.echo(json.dumps(row, ensure_ascii=False, allow_nan=False))


def print_rows(rows: Iterable[dict[str, Any]]) -> None:
    """JSON Lines on stdout."""
    for row in rows:
        print_json(row)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; columns line up for wide characters too."""
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(escape("" if value is None else str(value)) for value in row))
    Console(soft_wrap=not Console().is_terminal).print(table)


def say(message: str) -> None:
    """Words for the user, on stderr."""
    click.echo(message, err=True)
