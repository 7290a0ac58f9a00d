"""Where the people of a decision are now: ids of people come and go, places in photos stay."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from mien.catalog import people, store
from mien.people.anchors import Anchor, match_anchors


def person_now(connection: sqlite3.Connection, body: Mapping[str, Any]) -> str | None:
    """Whom the figures show that a `name` decision was about; None if no such photo is in the library now."""
    anchors = [Anchor.from_json(record) for record in body.get("anchors", ())]
    for anchor in anchors:
        standing = dict(store.anchors(connection, anchor.photo_id))
        figure = match_anchors([anchor], standing)[anchor]
        if figure is not None and (person := people.person_of(connection, figure)) is not None:
            return person
    return None
