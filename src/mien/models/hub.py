"""The ModelScope hub's protocol: what files a model has there, and at which addresses.

    GET <endpoint>/api/v1/models/<id>/repo/files?Revision=<revision>&Recursive=True
        {"Code": 200, "Success": true, "Data": {"Files": [{"Path": …, "Type": "blob", "Size": …, "Sha256": …}, …]}}
    GET <endpoint>/api/v1/models/<id>/repo?Revision=<revision>&FilePath=<path>
        the file, for large ones by way of a redirect to a server that knows ranges

What it does not have, it answers with 404, or with 200 and `Success: false`. A `Size` of 0 may mean: not known.
So reads it the hub's own published client, `modelscope-hub` 0.5.1.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mien.errors import MienError, ModelError
from mien.models.registry import SHA256, KnownFile, KnownModel
from mien.models.transport import NotThere, Patience, Retrying, persist, request, whole

DEFAULT_ENDPOINT = "https://modelscope.cn"

MAX_LISTING = 8 << 20
"""Bytes. A listing has at most 3000 entries."""

ABSENT_CODES = frozenset({10010205001, 10010200001, 10990101004})
"""`Code` of answers that say: no such model, no access to it, no such revision."""


@dataclass(frozen=True)
class RemoteFile:
    """A file at the hub. `name` is ours; `source` says what it is, for people and for going on with a part of it."""

    name: str
    url: str
    source: str
    size: int | None
    sha256: str | None
    max_bytes: int


@dataclass(frozen=True)
class Found:
    """Where a model stands at the hub."""

    endpoint: str
    id: str
    revision: str
    checkpoint: RemoteFile
    configuration: RemoteFile


def endpoint(given: str | None = None) -> str:
    """The hub's address: the one `given`, else what ModelScope's own client would use (`MODELSCOPE_ENDPOINT`, then
    `MODELSCOPE_DOMAIN`), else ModelScope itself. A name alone means https.

    Raises `MienError` for what is no address.
    """
    names = ("MODELSCOPE_ENDPOINT", "MODELSCOPE_DOMAIN")
    chosen = (given, *map(os.environ.get, names), DEFAULT_ENDPOINT)
    address = next(value.strip() for value in chosen if value is not None and value.strip())
    full = (address if "://" in address else f"https://{address}").rstrip("/")
    try:
        parts = urlsplit(full)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise MienError("hub-endpoint", endpoint=address) from None
    if not usable or parts.query or parts.fragment or parts.username is not None or not full.isascii():
        raise MienError("hub-endpoint", endpoint=address)
    if any(c.isspace() or not c.isprintable() for c in full):
        raise MienError("hub-endpoint", endpoint=address)
    return full


def look_up(model: KnownModel, at: str, patience: Patience, retrying: Retrying) -> Found:
    """The model's files at the endpoint `at`: the first of its ids and revisions that has them all.

    Raises `NotThere` if none has, and `MienError` if the hub cannot be reached or does not answer like one.
    """
    missing: NotThere | None = None
    for id_ in model.ids:
        for revision in model.revisions:
            try:
                listed = _listing(at, id_, revision, patience, retrying)
                checkpoint, configuration = (
                    _remote(at, id_, revision, file, listed) for file in (model.checkpoint, model.configuration)
                )
            except NotThere as error:
                missing = missing or error
            else:
                return Found(at, id_, revision, checkpoint, configuration)
    assert missing is not None, "a model has an id and a revision"
    raise missing


def _listing(at: str, id_: str, revision: str, patience: Patience, retrying: Retrying) -> list[Mapping[str, Any]]:
    query = urlencode({"Revision": revision, "Recursive": "True"})
    url = f"{_repository(at, id_)}/files?{query}"

    def ask() -> bytes:
        with request(url, {}, patience.timeout) as answer:
            return whole(answer, MAX_LISTING, patience)

    host = urlsplit(at).hostname or at
    try:
        answer = json.loads(persist(ask, patience, retrying))
        if answer.get("Success") is False or answer.get("Code", 200) != 200:
            said = str(answer.get("Message") or "?")[:300]
            if answer.get("Code") in ABSENT_CODES:
                raise NotThere("hub-not-found", host=host, said=said)
            raise MienError("hub-refused", host=host, status=answer.get("Code"), said=said)
        data = answer["Data"]
        files = data["Files"] if isinstance(data, dict) else data
        return [file for file in files if isinstance(file, dict)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MienError("hub-answer", host=host) from error


def _remote(at: str, id_: str, revision: str, file: KnownFile, listed: Iterable[Mapping[str, Any]]) -> RemoteFile:
    """The listed file of this very name. What else is listed is left alone: no name of the hub's is ever used here."""
    host = urlsplit(at).hostname or at
    entry = next((e for e in listed if e.get("Path") == file.name and e.get("Type", "blob") == "blob"), None)
    if entry is None:
        raise NotThere("hub-not-found", host=host, said=f"{id_} {revision}: {file.name}?")
    size, sha256 = entry.get("Size"), str(entry.get("Sha256") or "").lower()
    size = size if isinstance(size, int) and size > 0 else None
    if size is not None and size > file.max_bytes:
        raise ModelError("download-too-large", file=file.name, megabytes=f"{size / 1e6:.0f}")
    query = urlencode({"Revision": revision, "FilePath": file.name}, quote_via=quote)
    return RemoteFile(
        name=file.name,
        url=f"{_repository(at, id_)}?{query}",
        source=f"{id_}@{revision}/{file.name}",
        size=size,
        sha256=sha256 if SHA256.fullmatch(sha256) else None,
        max_bytes=file.max_bytes,
    )


def _repository(at: str, id_: str) -> str:
    return f"{at}/api/v1/models/{quote(id_)}/repo"
