"""What commands print: JSON Lines and tables on stdout, words on stderr."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mien.cli.terminal import harmless

_LINE_ENDS = "\x85\u2028\u2029"

UNLIMITED = 100_000
"""Columns."""


def print_json(row: dict[str, Any]) -> None:
    """One line of JSON on stdout."""
    line = json.dumps(row, ensure_ascii=False, allow_nan=False)
    for character in _LINE_ENDS:  # which some readers of lines take for the end of one
        line = line.replace(character, f"\\u{ord(character):04x}")
    click.echo(line)


def print_rows(rows: Iterable[dict[str, Any]]) -> None:
    """JSON Lines on stdout."""
    for row in rows:
        print_json(row)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; columns line up for wide characters too, and nothing is cut off."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if value is None else harmless(str(value))) for value in row))
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, emoji=False, width=UNLIMITED)  # a file or a pipe has no width
    console.print(table)


def tell(answer: str) -> None:
    """The answer to a command, in words, on stdout."""
    click.echo(harmless(answer))


def say(message: str) -> None:
    """Words for the user, on stderr."""
    click.echo(harmless(message), err=True)
