"""Options that every command takes."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from mien.cli.output import say
from mien.language import text
from mien.parsing.remote.address import Address, is_address


class Day(click.ParamType[date]):
    """A day of the calendar, written 2024-05-31."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            self.fail(text("cli.options.no-day", day=value), param, ctx)


class GivenPath(click.Path):
    """A path. An empty one, from an unset variable in a script, is refused: it must not mean the working folder."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if not os.fspath(value).strip():
            raise click.UsageError(text("cli.options.empty-path"), ctx)
        return super().convert(value, param, ctx)


def library_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--library DIR`, else `MIEN_LIBRARY`, else the platform's data folder (None here)."""
    return click.option(
        "--library",
        "library_folder",
        type=GivenPath(path_type=Path),
        envvar="MIEN_LIBRARY",
        metavar="DIR",
        help=text("cli.options.library"),
    )(function)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`: JSON Lines on stdout and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help=text("cli.options.json"))(function)


def engine_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--engine`, several times to compare: who parses. See `say_where_photos_go`."""
    about = f"{text('cli.options.engine')} {text('cli.options.engine-compared')}"
    return click.option(
        "--engine", "engines", default=("lite",), multiple=True, show_default=True, metavar="lite|m2fp", help=about
    )(function)


def chosen_engine_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--engine` where there is a library, which remembers it; None: as it does already (`indexing.engine.chosen`)."""
    about = f"{text('cli.options.engine')} {text('cli.options.engine-remembered')}"
    return click.option("--engine", metavar="lite|m2fp", help=about)(function)


def say_where_photos_go(engine: str) -> None:
    """Say so if they leave this machine. Raises `MienError` if it is no address they may be sent to."""
    if not is_address(engine):
        return
    address = Address.of(engine)
    say(text("remote.here" if address.is_here else "remote.away", address=address, host=address.host))
    if not address.is_encrypted and not address.is_here:
        say(text("remote.open", host=address.host))
