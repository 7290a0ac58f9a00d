"""The album's server: it listens on this computer, says where, and stops soon when it is told to."""

import functools
import logging
from collections.abc import Callable

from mien.catalog.library import Library
from mien.web.access import Access
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.background.keeper import Keeper
from mien.web.hosting import Server, address_of, listen, stoppable
from mien.web.pictures.studio import Studio


def serve(
    library: Library,
    *,
    announce: Callable[[str], None],
    port: int | None = None,
    host: str = "127.0.0.1",
    engine: str | None = None,
    jobs: int | None = None,
    index_known: bool = True,
) -> None:
    """Serve `library` in the browser until Ctrl-C or SIGTERM. What is in work then goes on with the next start.

    Args:
        announce: told the address once it answers.
        engine: who parses; default: the engine that the library goes by.
        port: default: `PORT`, or the next that is free; 0: any.
        index_known: have what the library knows looked at again at once.

    Raises `MienError` if it cannot listen there.
    """
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # visitors are told what is wrong with their forms
    with listen(host, port) as listener:
        keeper, studio = Keeper(library, engine=engine, jobs=jobs), Studio(library)
        album = Album(library, keeper, studio)

        @functools.cache  # once: what hangs takes seconds, and `STOPPED_WITHIN` is for all
        def close() -> None:
            keeper.close()
            album.following.close()
            album.asking.close()
            studio.close()

        address, number = listener.getsockname()[:2]
        access = Access.at(host, address, number)
        server = Server(create_app(album, access), close)
        with stoppable(server):
            try:
                if index_known:
                    keeper.ask()
                announce(address_of(address, number, access.token))
                server.run(sockets=[listener])
            finally:
                close()
