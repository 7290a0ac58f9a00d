"""What an entry of the journal says: its kind, and the body that is written down.

Everything is said of places in photos (`Anchor`) or of people who were decided (UUID), never of rows of the cache.

| kind | body | says |
|---|---|---|
| `name` | `person_id`, `name`, `anchors`, `merged` | these are this person, who is called so |
| `same`, `confirm`, `merge` | `person_id`, `anchors`, `merged` | these, and all people `merged`, are this person |
| `split` | `person_id`, `anchors`, `source` or `others` | these are one person, but not `source`, nor one of `others` |
| `reject` | `anchors`, `source` or `others` | none of these is `source`, or one of `others` |
| `different` | `anchors`: two | these are two people |
| `unsure` | `anchors`: two | whether these are one person was asked, and is not known |
| `hide` | `person_id`, `anchors`, `value` | whether this person is kept from lists |
| `contact` | `person_id`, `anchors`, `value` | whether this person may be seen in what is shared |
| `born` | `person_id`, `anchors`, `born`: ISO date or null | when this person was born |
| `height` | `person_id`, `anchors`, `day`: ISO date, `height`: cm or null | how tall this person was that day |
| `not-a-person` | `anchors`, `value` | whether nobody stands there, whatever an engine sees |
| `draw` | `anchors`: one, `person_id` if known | somebody stands there, whether or not an engine sees them |
| `garment-same` | `anchors`, `worn` | all these are one garment |
| `garment-different` | `anchors`: two, `worn` | these are two garments |
| `garment-name` | `anchors`, `worn`, `name` | all these are one garment, which is called so |
| `garment-retire` | `anchors`, `worn`, `value` | … which is not worn any more |
| `garment-not-theirs` | `anchors`, `worn`, `value` | … which is not their own, of those who are seen in it |
| `undo` | `of`: entry id | as if that entry had never been made; of an undo: a redo |
| `import` | `entries`: ids, `source`: `decisions` or `regions` | nothing: those came together and are undone together |

Entries `undo` that were written together have one `step` (any text), by which a redo finds all of them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol, Self, get_args

from mien.people.anchors import Anchor, canonical
from mien.traits.traits import Place, Thing

IDENTIFYING = frozenset({"name", "same", "confirm", "merge", "split", "hide", "contact", "born", "height"})
"""Kinds that say of places, if of any, that they show the person `person_id`."""

GARMENTS = frozenset({"garment-same", "garment-different", "garment-name", "garment-retire", "garment-not-theirs"})
"""Kinds that say something of garments, and nothing of who anybody is. `worn` says where on the body each is."""

WEARABLE: tuple[Place | Thing, ...] = (*get_args(Place), "hat", "scarf")
"""Where on the body, or as what, is worn what can be spoken of."""

KINDS = IDENTIFYING | GARMENTS | {"reject", "different", "unsure", "not-a-person", "draw"}
"""All that are statements."""

ABOUT_ENTRIES = frozenset({"undo", "import"})
"""Kinds that say something of entries, and nothing of places or people."""

TAKEN_BACK = frozenset({"hide", "contact", "not-a-person", "garment-retire", "garment-not-theirs"})
"""Kinds of which a `value` of False takes back what was said."""

_PAIRS = frozenset({"different", "unsure", "garment-different"})


class Entry(Protocol):
    """One entry of the journal, as the catalog keeps it: its place, id (UUID), time (aware), kind and body."""

    @property
    def seq(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Statement:
    """One thing that a human says; see the table above for what each kind needs.

    Attributes:
        merged: people who are `person_id` too, with all that was said of them.
        source: the person whom the figures at `anchors` do not show.
        others: places that show somebody else than `anchors` do: the key figures of a group that nobody decided.
        value: of `hide`, `contact`, `not-a-person` and what garments are: False takes it back.
        height: of `height`: cm, barefoot; None: nobody measured them that `day` after all.
        worn: where on the body the garment at each of `anchors` is.
    """

    kind: str
    anchors: tuple[Anchor, ...] = ()
    person_id: str | None = None
    name: str | None = None
    merged: tuple[str, ...] = ()
    source: str | None = None
    others: tuple[Anchor, ...] = ()
    value: bool = True
    born: date | None = None
    day: date | None = None
    height: float | None = None
    worn: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        expected = {
            "kind": self.kind in KINDS,
            "person_id": self.person_id is not None or self.kind not in IDENTIFYING,
            "name": (self.name is not None) == (self.kind in ("name", "garment-name")),
            "day": (self.day is not None) == (self.kind == "height"),
            "height": self.height is None or (self.kind == "height" and 0 < self.height < math.inf),
            "anchors": len(self.anchors) == 2 if self.kind in _PAIRS else len(self.anchors) == 1 or self.kind != "draw",
            "worn": len(self.worn) == (len(self.anchors) if self.kind in GARMENTS else 0)
            and all(place in WEARABLE for place in self.worn),
            "garments": self.kind not in GARMENTS
            or len({*zip(self.anchors, self.worn, strict=False)}) > (self.kind == "garment-different"),
            "source": (self.source is not None or bool(self.others)) == (self.kind in ("split", "reject")),
        }
        if wrong := [field for field, is_right in expected.items() if not is_right]:
            raise ValueError(f"no statement: {', '.join(wrong)} of {self.kind}")

    def follow(self, heirs: Mapping[str, str]) -> Self:
        """The same of photos that were edited: said of each one's heir."""
        if not heirs:
            return self
        moved = (
            tuple(replace(a, photo_id=heirs.get(a.photo_id, a.photo_id)) for a in places)
            for places in (self.anchors, self.others)
        )
        return replace(self, anchors=next(moved), others=next(moved))

    def body(self) -> dict[str, Any]:
        """As the journal keeps it; `read` reads it."""
        body: dict[str, Any] = {"anchors": _written(self.anchors)}
        if self.kind == "born":
            body["born"] = None if self.born is None else self.born.isoformat()
        if self.kind == "height":
            body |= {"day": None if self.day is None else self.day.isoformat(), "height": self.height}
        if self.kind in GARMENTS:
            spots = sorted(zip(self.anchors, self.worn, strict=True), key=lambda spot: (canonical(spot[0]), spot[1]))
            body = {"anchors": [anchor.to_json() for anchor, _ in spots], "worn": [worn for _, worn in spots]}
        if self.kind in TAKEN_BACK:
            body["value"] = self.value
        optional = {
            "person_id": self.person_id,
            "name": self.name,
            "merged": sorted(self.merged),
            "source": self.source,
            "others": _written(self.others),
        }
        return body | {field: value for field, value in optional.items() if value}


def read(entry: Entry) -> Statement:
    """What an entry says. Raises `ValueError` for a kind from a newer version, and for a damaged body."""
    body = entry.body
    try:
        if entry.kind == "name" and "anchors" not in body:
            raise ValueError("no anchors")
        born, day, height = body.get("born"), body.get("day"), body.get("height")
        return Statement(
            kind=entry.kind,
            anchors=tuple(Anchor.from_json(record) for record in body.get("anchors", ())),
            person_id=_text(body, "person_id"),
            name=_text(body, "name"),
            merged=tuple(str(person_id) for person_id in body.get("merged", ())),
            source=_text(body, "source"),
            others=tuple(Anchor.from_json(record) for record in body.get("others", ())),
            value=bool(body.get("value", True)),
            born=None if born is None else date.fromisoformat(born),
            day=None if day is None else date.fromisoformat(day),
            height=None if height is None else float(height),
            worn=tuple(str(place) for place in body.get("worn", ())),
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"no {entry.kind}: {error!r}") from error


def _text(body: Mapping[str, Any], field: str) -> str | None:
    value = body.get(field)
    return None if value is None else str(value)


def _written(anchors: Sequence[Anchor]) -> list[dict[str, Any]]:
    return sorted((anchor.to_json() for anchor in anchors), key=lambda a: (a["photo_id"], a["box"], a["mask"]))
