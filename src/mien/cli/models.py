"""`mien models`: further networks that a user may fetch."""

import functools
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mien.cli.options import GivenPath, json_option, library_option
from mien.cli.output import print_json, print_rows, print_table, say, tell
from mien.cli.transfer import Transfer
from mien.errors import MienError
from mien.language import text
from mien.models import converting, fetching, folder, hub
from mien.models.partial import part_of
from mien.models.registry import KnownModel, known_models
from mien.models.store import Place, size_of, verify
from mien.models.transport import Patience

ENGINE = "mien.parsing.m2fp.conversion"
"""Who converts; it needs what only the extra `m2fp` installs."""

PATIENCE = Patience()


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`; and `--library`, which every command takes, though models are kept apart from all libraries."""

    @functools.wraps(function)
    def called(*, library_folder: Path | None, **given: Any) -> Any:  # noqa: ARG001
        return function(**given)

    return library_option(json_option(called))


def _named(required: bool = True) -> Callable[..., Any]:
    return click.argument("name", type=click.Choice(list(known_models())), required=required, metavar="NAME")


_accept = click.option("--accept-licence", is_flag=True, help=text("cli.models.accept"))
_keep = click.option("--keep-checkpoint", is_flag=True, help=text("cli.models.keep-checkpoint"))


@click.group(help=text("cli.models.help"), short_help=text("cli.models.summary"))
def command() -> None:
    pass


@command.command("list", help=text("cli.models.list"))
@_options
def list_(as_json: bool) -> None:
    places = [Place(model, folder()) for model in known_models().values()]
    rows = [_row(place) for place in places]
    if as_json:
        print_rows(rows)
        return
    columns = ("name", "state", "megabytes", "licence", "what")
    print_table(
        [text(f"cli.models.column.{column}") for column in columns],
        [
            (row["name"], text(f"cli.models.state.{row['state']}"), _mb(row["bytes"]), row["licence"], row["what"])
            for row in rows
        ],
    )


@command.command(help=text("cli.models.pull"))
@_named()
@_accept
@click.option("--endpoint", metavar="URL", help=text("cli.models.endpoint"))
@_keep
@_options
def pull(name: str, accept_licence: bool, endpoint: str | None, keep_checkpoint: bool, as_json: bool) -> None:
    place = Place(known_models()[name], folder())
    if place.state != "ready":
        address = hub.endpoint(endpoint)
        _agree(place, accept_licence, as_json)
        with place.held(), Transfer(text("cli.models.progress", model=name), as_json) as transfer:
            if not as_json:
                _announce(place.model, address)
            try:
                fetching.pull(place, address, PATIENCE, transfer)
            except KeyboardInterrupt:
                there = size_of(part_of(place.checkpoint)) + size_of(place.checkpoint)
                raise MienError("download-stopped", model=name, done=f"{there / 1e6:.1f}") from None
        _convert(place, keep_checkpoint, as_json)
    _show(place, as_json)


@command.command("import", help=text("cli.models.import"))
@click.argument("file", type=GivenPath(path_type=Path), metavar="FILE")
@click.option(
    "--model", "name", type=click.Choice(list(known_models())), default=next(iter(known_models())), show_default=True,
    help=text("cli.models.model"),
)  # fmt: skip
@click.option("--configuration", type=GivenPath(path_type=Path), metavar="FILE", help=text("cli.models.configuration"))
@_accept
@_keep
@_options
def import_(
    file: Path, name: str, configuration: Path | None, accept_licence: bool, keep_checkpoint: bool, as_json: bool
) -> None:
    place = Place(known_models()[name], folder())
    _agree(place, accept_licence, as_json)
    with place.held(), Transfer(str(file), as_json) as transfer:
        fetching.take(place, file, configuration, transfer)
    _convert(place, keep_checkpoint, as_json)
    _show(place, as_json)


@command.command(help=text("cli.models.convert"))
@_named()
@_keep
@_options
def convert(name: str, keep_checkpoint: bool, as_json: bool) -> None:
    place = Place(known_models()[name], folder())
    _convert(place, keep_checkpoint, as_json)
    _show(place, as_json)


@command.command("verify", help=text("cli.models.verify"))
@_named(required=False)
@_options
def verify_(name: str | None, as_json: bool) -> None:
    models = [known_models()[name]] if name else known_models().values()
    rows = [
        {"name": model.name, "file": str(file), "state": check}
        for model in models
        for file, check in verify(Place(model, folder())).items()
    ]
    if name and not rows:
        raise MienError("model-not-fetched", model=name)
    if as_json:
        print_rows(rows)
    elif rows:
        columns = [text(f"cli.models.column.{column}") for column in ("name", "file", "state")]
        print_table(columns, [(row["name"], row["file"], text(f"cli.models.state.{row['state']}")) for row in rows])
    else:
        tell(text("cli.models.nothing"))
    if any(row["state"] != "sound" for row in rows):
        raise MienError("model-unsound")


@command.command(help=text("cli.models.remove"))
@_named()
@_options
def remove(name: str, as_json: bool) -> None:
    place = Place(known_models()[name], folder())
    if not (place.converted.exists() or place.source.exists()):
        raise MienError("model-not-fetched", model=name)
    with place.held():
        freed = place.remove()
    if as_json:
        print_json({"name": name, "freed_bytes": freed})
    else:
        tell(text("cli.models.removed", model=name, size=_mb(freed)))


def _agree(place: Place, accepted: bool, as_json: bool) -> None:
    """Show the licence, and go on only if the user accepts it or has done so. Raises `MienError` if not."""
    model = place.model
    words = text(f"models.known.{model.name}.licence", page=model.page)
    before = place.acceptance
    if before.get("terms") == _terms(model):
        say(text("cli.models.agreed", model=model.name, licence=model.licence, at=before.get("at")))
        return
    say(words)
    asked = not accepted and not as_json and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    if asked:
        accepted = click.confirm(text("cli.models.agree"), default=False, err=True)
    if not accepted:
        raise MienError("licence-not-accepted", model=model.name)
    place.accept(terms=_terms(model), text=words, how="yes" if asked else "--accept-licence")


def _terms(model: KnownModel) -> str:
    """Stands for what the licence says, whatever the language: if that is changed, it must be accepted anew."""
    words = text(f"models.known.{model.name}.licence", language="en", page=model.page)
    return hashlib.sha256(words.encode()).hexdigest()


def _announce(model: KnownModel, address: str) -> None:
    if address.startswith("http://"):
        say(text("cli.models.unencrypted", host=urlsplit(address).hostname))
    if importlib.util.find_spec("torch") is None:
        say(text("cli.models.needs-later"))
    size, converted = _mb(model.checkpoint.about_bytes), _mb(model.converted_bytes)
    say(text("cli.models.fetching", model=model.name, endpoint=address, size=size, converted=converted))


def _convert(place: Place, keep_checkpoint: bool, as_json: bool) -> None:
    name = place.model.name

    def report(words: str) -> None:
        if not as_json:
            say(words)

    with place.held():
        if place.state == "ready" and not place.checkpoint.is_file():
            return
        size = size_of(place.checkpoint)
        try:
            if size:
                report(text("cli.models.converting", model=name))
            converting.convert(
                place, lambda *given: importlib.import_module(ENGINE).convert(*given), keep_checkpoint, report
            )
        except ImportError as error:
            command = f'"{sys.executable}" -m pip install "mien[m2fp]"'
            raise MienError("conversion-needs", model=name, reason=error, command=command) from error
    report(text(f"cli.models.{'kept' if keep_checkpoint else 'dropped'}", file=place.checkpoint, size=_mb(size)))


def _show(place: Place, as_json: bool) -> None:
    row = _row(place)
    if as_json:
        print_json(row)
    else:
        size = _mb(size_of(place.converted))
        tell(text("cli.models.ready", model=place.model.name, folder=place.converted, size=size))


def _row(place: Place) -> dict[str, Any]:
    """A model as `--json` has it."""
    model, origin = place.model, place.origin
    return {
        "name": model.name,
        "what": text(f"models.known.{model.name}.what"),
        "state": place.state,
        "bytes": size_of(place.converted) + size_of(place.source),
        "folder": str(place.converted),
        "checkpoint": str(place.checkpoint) if place.checkpoint.is_file() else None,
        "source": origin.get("source"),
        "sha256": origin.get("sha256"),
        "licence": model.licence,
        "licence_accepted": place.acceptance.get("at"),
        "page": model.page,
    }


def _mb(size: int) -> str:
    """In millions of bytes."""
    return f"{size / 1e6:.0f}"
