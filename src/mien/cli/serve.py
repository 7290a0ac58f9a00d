"""`mien serve`: the album in the browser."""

from collections.abc import Callable
from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.options import engine_option, json_option, library_option
from mien.cli.output import print_json, say, tell
from mien.language import text


@click.command(help=text("cli.serve.help"), short_help=text("cli.serve.summary"))
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help=text("cli.serve.port"))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help=text("cli.serve.host"))
@engine_option
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help=text("cli.index.jobs"))
@library_option
@json_option
def command(
    port: int | None, host: str, engine: str, jobs: int | None, library_folder: Path | None, as_json: bool
) -> None:
    from mien.parsing.engines import create_parser
    from mien.web.server import serve

    if engine != "lite":
        create_parser(engine)  # which says why not, if it cannot be used

    with Library.open(library_folder) as library:
        if library.on_network_drive:
            say(text("cli.network-drive"))
        serve(library, announce=announcement(as_json), port=port, host=host, engine=engine, jobs=jobs)


def announcement(as_json: bool) -> Callable[[str], None]:
    """Says where the album is to be seen."""

    def announce(address: str) -> None:
        if as_json:
            print_json({"event": "listening", "address": address})
        else:
            tell(address)
        say(text("cli.serve.listening"))

    return announce
