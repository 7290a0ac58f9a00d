"""What the cache knows, as plans need it."""

from dataclasses import replace

from mien.catalog import embedding, store
from mien.catalog.blobs import parse_name
from mien.catalog.library import Library
from mien.indexing import plan
from mien.indexing.embedding import usable


def known(library: Library) -> plan.Library:
    """All but parses, as whose are wanted is known once the engine is loaded."""
    embedder, _ = usable(library.folder)
    with library.catalog.read() as connection:
        files, photos = store.known_files(connection), store.known_photos(connection)
        undescribed = embedding.undescribed(connection, embedder.key) if embedder else set[str]()
    return plan.Library(files, photos, {}, library.blobs.names("thumbnails"), undescribed)


def with_parses(library: Library, known: plan.Library, engine: str) -> plan.Library:
    """`known` with the parses of an engine (by name) that are really there."""
    with library.catalog.read() as connection:
        parses = store.observations(connection, engine)
    blobs = library.blobs.names("parses")
    there = {photo_id: made for photo_id, made in parses.items() if parse_name(photo_id, made) in blobs}
    return replace(known, parses=there)
