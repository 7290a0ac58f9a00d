"""Names that people gave to faces in other programs become decisions here.

What was decided in Mien wins: a region that contradicts it is left alone, and told. What is known already is not said
again, so that importing twice adds nothing.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from mien.catalog import store
from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.errors import DecisionConflict, MienError, UnknownName
from mien.indexing import roots
from mien.indexing.exchanging import keep_together
from mien.indexing.heritage import told
from mien.indexing.region_matching import assign, settled
from mien.indexing.region_places import Beside, PhotoFile, opened, photo_files
from mien.people.anchors import GRID, Anchor, match
from mien.people.decisions import decisions_of, same_name
from mien.people.ledger import Ledger
from mien.people.naming import tidy
from mien.people.statements import Statement
from mien.photo.face_regions import FaceRegion, merged
from mien.photo.sidecars import read_faces

Report = Callable[[int, int], None]
"""Called with how many files were read, of how many."""

_WHOLE = bytes([255]) * (GRID * GRID // 8)


@dataclass(frozen=True)
class LeftAlone:
    """A region, or a file, that nothing was made of."""

    photo: Path
    name: str | None
    reason: MienError


@dataclass(frozen=True)
class NamedByRegions:
    """A person who was named, or of whom more figures are known now. `drawn`: how many of them no engine sees."""

    person_id: str
    name: str
    figures: int
    drawn: int


@dataclass
class Imported:
    """What an import came upon and did; `known` are regions that say what was decided already."""

    photos: int = 0
    regions: int = 0
    unnamed: int = 0
    known: int = 0
    people: list[NamedByRegions] = field(default_factory=list)
    left: list[LeftAlone] = field(default_factory=list)


@dataclass(frozen=True)
class _Claim:
    """Somebody said that this place shows somebody of this name."""

    photo: Path
    name: str
    anchor: Anchor
    is_drawn: bool


def import_regions(
    library: Library,
    paths: Sequence[str] = (),
    *,
    folder: Path | None = None,
    dry_run: bool = False,
    report: Report | None = None,
) -> Imported:
    """Read the regions of the library's photos, at or under `paths`, and decide by them who is who.

    One decision is written for each name. People are to be grouped anew after that.

    Args:
        folder: where sidecars mirror the library's folders (see `region_export`); read before those beside photos.
    """
    said = told(library).ledger
    with library.catalog.read() as connection:
        files = photo_files(connection, paths)
    result = Imported()
    beside = Beside((*roots.known(library.folder), str(library.uploads)), folder)
    copies: dict[str, list[PhotoFile]] = defaultdict(list)
    for file in files:
        copies[file.photo_id].append(file)
    by_hand: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in said.places():
        by_hand[anchor.photo_id].append(anchor)
    claims: dict[str, list[_Claim]] = defaultdict(list)
    done = 0
    for photo_id, same in copies.items():
        with library.catalog.read() as connection:
            figures = [anchor for _, anchor in store.anchors(connection, photo_id, by_hand=False)]
        places = _standing(same[0], figures, by_hand[photo_id])
        found = []
        for file in same:
            found.append(_read(file, beside, places, result))
            done += 1
            if report is not None:
                report(done, len(files))
        for claim in _claims(same[0], merged(found), places, result):
            claims[same_name(claim.name)].append(claim)
    _decide(library, claims, result, dry_run)
    return result


def _standing(file: PhotoFile, figures: Sequence[Anchor], places: Sequence[Anchor]) -> list[Anchor]:
    """Where somebody stands in a photo: figures that an engine sees, and places that only decisions tell of."""
    seen = {j for _, j in match(figures, places)}
    located = [replace(a, path=str(file.path), perceptual_hash=file.look) for a in figures]
    return located + [place for j, place in enumerate(places) if j not in seen]


def _read(file: PhotoFile, beside: Beside, places: Sequence[Anchor], result: Imported) -> list[FaceRegion]:
    try:
        data, anatomy, shape = opened(file)
    except MienError as error:
        result.left.append(LeftAlone(file.path, None, error))
        return []
    result.photos += 1
    said = read_faces(file.path, data, shape, beside.sidecars(file.path), anatomy)
    result.left += [LeftAlone(file.path, None, MienError("xmp-malformed", file=place)) for place in said.malformed]
    result.left += [LeftAlone(file.path, name, MienError(f"region-{flaw}")) for name, flaw in said.flawed if name]
    # Picasa's own file is the oldest witness: it stayed when others went on naming.
    return list(merged([settled(said.faces, places), settled(beside.picasa(file.path, shape), places)]))


def _claims(
    file: PhotoFile, regions: Sequence[FaceRegion], places: Sequence[Anchor], result: Imported
) -> Iterable[_Claim]:
    result.regions += len(regions)
    named = []
    for region in regions:
        if region.name is None or region.is_guess:
            result.unnamed += 1
            continue
        try:
            named.append((tidy(region.name), region.box))
        except UnknownName as error:
            result.left.append(LeftAlone(file.path, region.name, error))
    standing = assign([box for _, box in named], places)
    for (name, box), place in zip(named, standing, strict=True):
        if place is not None:
            yield _Claim(file.path, name, places[place], False)
        else:
            anchor = Anchor(file.photo_id, box, _WHOLE, box, str(file.path), file.look)
            yield _Claim(file.path, name, anchor, True)


@dataclass(frozen=True)
class _Verdict:
    """What becomes of the claims for one name."""

    statement: Statement | None
    left: list[LeftAlone]
    known: int = 0
    drawn: int = 0


def _decide(library: Library, claims: Mapping[str, Sequence[_Claim]], result: Imported, dry_run: bool) -> None:
    """Make one decision for each name. If somebody else decides something meanwhile, that one is weighed again."""
    head, said, made = library.journal.head, told(library).ledger.copy(), list[Entry]()
    namesakes = _namesakes(said)
    for key in sorted(claims):
        while True:
            verdict = _weigh(said, namesakes.get(key, ()), claims[key])
            if (statement := verdict.statement) is None:
                break
            if dry_run:
                entry: Entry | None = Entry(0, str(uuid.uuid4()), datetime.now(UTC), statement.kind, statement.body())
            else:
                entry = library.journal.append_to(head, statement.kind, statement.body())
            if entry is not None:
                said.add(statement, entry)
                head = head if dry_run else entry.id
                made.append(entry)
                named = NamedByRegions(
                    str(statement.person_id), str(statement.name), len(statement.anchors), verdict.drawn
                )
                result.people.append(named)
                break
            head, said = library.journal.head, told(library).ledger.copy()
            namesakes = _namesakes(said)
        result.known += verdict.known
        result.left += verdict.left
    if not dry_run:
        keep_together(library, made, "regions")


def _namesakes(said: Ledger) -> dict[str, list[str]]:
    """Name, as names compare → the ids of those who bear it."""
    found: dict[str, list[str]] = defaultdict(list)
    for person in decisions_of(said).people.values():
        if person.name is not None:
            found[same_name(person.name)].append(person.person_id)
    return found


def _weigh(said: Ledger, namesakes: Sequence[str], claims: Sequence[_Claim]) -> _Verdict:
    """The one decision that follows from all claims to show people of one name, as far as nothing stands against it."""
    spelt = Counter(claim.name for claim in claims)
    name = min(spelt, key=lambda spelling: (-spelt[spelling], spelling))
    if len(namesakes) > 1:
        unclear = UnknownName("ambiguous-person", reference=name, ids=", ".join(namesakes))
        return _Verdict(None, [LeftAlone(claim.photo, claim.name, unclear) for claim in claims])
    known = namesakes[0] if namesakes else None
    left: list[LeftAlone] = []
    fitting: list[tuple[_Claim, str | None]] = []
    held = said.holds(claim.anchor for claim in claims)
    for claim in claims:
        owner = held[claim.anchor].owner
        if held[claim.anchor].is_nobody:
            left.append(LeftAlone(claim.photo, claim.name, DecisionConflict("region-nobody")))
        elif owner is not None and owner != known and owner in said.names:
            reason = DecisionConflict("region-other-person", other=said.names[owner])
            left.append(LeftAlone(claim.photo, claim.name, reason))
        elif owner is None or owner != known:
            fitting.append((claim, owner))
    # Whom nobody called anything, but who was decided to be one person, gets the name as a whole.
    person_id = known or next((owner for _, owner in fitting if owner is not None), None) or str(uuid.uuid4())
    name = name if known is None else said.names[known]
    already = len(claims) - len(left) - len(fitting)
    agreed = _consistent(said, person_id, name, [], fitting)
    held_now = {claim for claim, _ in agreed}
    left += [
        LeftAlone(claim.photo, claim.name, DecisionConflict("region-contradicts"))
        for claim, _ in fitting
        if claim not in held_now
    ]
    statement = _named(person_id, name, agreed) if agreed else None
    return _Verdict(statement, left, already, len({claim.anchor for claim, _ in agreed if claim.is_drawn}))


def _consistent(
    said: Ledger,
    person_id: str,
    name: str,
    before: Sequence[tuple[_Claim, str | None]],
    claims: Sequence[tuple[_Claim, str | None]],
) -> list[tuple[_Claim, str | None]]:
    """Those of `claims` that nothing stands against, once those `before` hold. Halves, as most often nothing does."""
    if not claims or said.against(_named(person_id, name, [*before, *claims])) is None:
        return list(claims)
    if len(claims) == 1:
        return []
    half = len(claims) // 2
    first = _consistent(said, person_id, name, before, claims[:half])
    return first + _consistent(said, person_id, name, [*before, *first], claims[half:])


def _named(person_id: str, name: str, claims: Sequence[tuple[_Claim, str | None]]) -> Statement:
    anchors = dict.fromkeys(claim.anchor for claim, _ in claims)
    merged_ids = sorted({owner for _, owner in claims if owner is not None} - {person_id})
    return Statement("name", tuple(anchors), person_id, name, merged=tuple(merged_ids))
