"""`mien serve`: the album in the browser, or only its parser for other machines."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.catalog.library import Library
from mien.cli.options import GivenPath, chosen_engine_option, json_option, library_option, say_where_photos_go
from mien.cli.output import print_json, say, tell
from mien.language import text

if TYPE_CHECKING:  # as commands load nothing that they may not need
    from mien.web.parsing_service.server import Opened

_FILE = GivenPath(path_type=Path, exists=True, dir_okay=False)


@click.command(help=text("cli.serve.help"), short_help=text("cli.serve.summary"))
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help=text("cli.serve.port"))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help=text("cli.serve.host"))
@chosen_engine_option
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help=text("cli.index.jobs"))
@click.option("--parser-only", is_flag=True, help=text("cli.serve.parser-only"))
@click.option("--tls-cert", type=_FILE, metavar="FILE", help=text("cli.serve.tls-cert"))
@click.option("--tls-key", type=_FILE, metavar="FILE", help=text("cli.serve.tls-key"))
@click.option("--insecure", is_flag=True, help=text("cli.serve.insecure"))
@library_option
@json_option
def command(
    port: int | None,
    host: str,
    engine: str | None,
    jobs: int | None,
    parser_only: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
    insecure: bool,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    from mien.indexing.engine import BUILT_IN, choose, chosen

    if parser_only:
        if (tls_cert is None) != (tls_key is None):
            raise click.UsageError(text("cli.serve.both-tls"))
        from mien.parsing.remote.credentials import server_context
        from mien.web.parsing_service.server import serve_parser

        tls = server_context(tls_cert, tls_key) if tls_cert and tls_key else None
        serve_parser(
            engine or BUILT_IN,
            announce=service_announcement(as_json),
            port=port,
            host=host,
            jobs=jobs,
            tls=tls,
            insecure=insecure,
        )
        return
    for option, given in {"--tls-cert": tls_cert, "--tls-key": tls_key, "--insecure": insecure}.items():
        if given:
            raise click.UsageError(text("cli.serve.only-with-parser", option=option))

    from mien.parsing.engines import create_parser
    from mien.parsing.remote.address import is_address
    from mien.web.server import serve

    if engine and engine != BUILT_IN and not is_address(engine):
        create_parser(engine)  # which says why not, if it cannot be used
    if engine:
        say_where_photos_go(engine)
    with Library.open(library_folder) as library:
        if engine:
            choose(library.folder, engine)
        else:
            say_where_photos_go(chosen(library.folder))
        if library.on_network_drive:
            say(text("cli.network-drive"))
        serve(library, announce=announcement(as_json), port=port, host=host, jobs=jobs)


def announcement(as_json: bool) -> Callable[[str], None]:
    """Says where the album is to be seen."""

    def announce(address: str) -> None:
        if as_json:
            print_json({"event": "listening", "address": address})
        else:
            tell(address)
        say(text("cli.serve.listening"))

    return announce


def service_announcement(as_json: bool) -> Callable[["Opened"], None]:
    """Says where the parser is to be had, and with which token if that is new."""

    def announce(opened: "Opened") -> None:
        if as_json:
            event = {"event": "listening", "address": opened.address, "token": opened.new_token}
            print_json({**event, **opened.description.to_json()})
        else:
            tell(opened.address)
        say(text("cli.serve.parsing", engine=opened.description.engine))
        if opened.new_token and not as_json:
            say(text("cli.serve.token", token=opened.new_token))
        if not opened.is_secret:
            say(text("cli.serve.open"))

    return announce
