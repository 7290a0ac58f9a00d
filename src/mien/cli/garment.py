"""`mien garment …`: say something of what people wear."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import json_option, library_option
from mien.indexing import dressing
from mien.indexing.deciding import Decided
from mien.language import text


@click.group(help=text("cli.garment.help"), short_help=text("cli.garment.summary"))
def command() -> None:
    pass


def _subcommand(name: str) -> Callable[[Callable[..., None]], click.Command]:
    return command.command(name, help=text(f"cli.garment.{name}"))


def _decide(library_folder: Path | None, as_json: bool, say: Callable[..., Decided], *said: Any) -> None:
    with Library.open(library_folder) as library:
        tell_decided(library, say(library, *said), as_json)


@_subcommand("same")
@click.argument("garment")
@click.argument("other")
@library_option
@json_option
def same(garment: str, other: str, library_folder: Path | None, as_json: bool) -> None:
    _decide(library_folder, as_json, dressing.same, garment, other)


@_subcommand("different")
@click.argument("garment")
@click.argument("other")
@library_option
@json_option
def different(garment: str, other: str, library_folder: Path | None, as_json: bool) -> None:
    _decide(library_folder, as_json, dressing.different, garment, other)


@_subcommand("name")
@click.argument("garment")
@click.argument("name")
@library_option
@json_option
def name(garment: str, name: str, library_folder: Path | None, as_json: bool) -> None:
    _decide(library_folder, as_json, dressing.name, garment, name)


@_subcommand("retire")
@click.argument("garment")
@click.option("--again", is_flag=True, help=text("cli.garment.again"))
@library_option
@json_option
def retire(garment: str, again: bool, library_folder: Path | None, as_json: bool) -> None:
    _decide(library_folder, as_json, dressing.retire, garment, not again)


@_subcommand("not-theirs")
@click.argument("garment")
@click.option("--no", "is_theirs", is_flag=True, help=text("cli.garment.no"))
@library_option
@json_option
def not_theirs(garment: str, is_theirs: bool, library_folder: Path | None, as_json: bool) -> None:
    _decide(library_folder, as_json, dressing.not_theirs, garment, not is_theirs)
