"""Named faces put into a sidecar's XMP. All else in it stays as it is, to the byte.

Regions are written as MWG's, which digiKam, Lightroom, exiftool and others read, and names also as IPTC's
`PersonInImage`. Each region that Mien writes says so inside `mwg-rs:Extensions`, with the person's id: only such
regions are ever removed. A region of another program at the same place stays, and gets the name given in Mien.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mien.photo.face_regions import (
    MICROSOFT,
    MICROSOFT_INFO,
    MICROSOFT_REGION,
    MIEN,
    MWG,
    ST_AREA,
    ST_DIMENSIONS,
    Frame,
    Shape,
    applied_to,
    area_box,
    corner_box,
    is_same_place,
    mark_of,
    name_of,
    overlap,
)
from mien.photo.orientation import Box, shown, stored
from mien.photo.rdf import RDF, Edit, Element, MalformedXmp, Packet, edited, get, items, list_of, parse, text_of

IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_PEOPLE = f"{IPTC_EXTENSION} PersonInImage"
_EMPTY = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Mien">
 <rdf:RDF xmlns:rdf="{RDF}">
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
""".encode()
_DECIMALS = 6


class OtherVersion(ValueError):
    """The regions in the sidecar were measured on another version of the photo: cropped, or turned in another way."""


@dataclass(frozen=True)
class NamedFace:
    """A face to write: whose it is, and where in the upright photo. `guess`: how sure Mien is that it is theirs (0–1);
    None if that was decided by a human."""

    person_id: str
    name: str
    box: Box
    guess: float | None = None


def with_faces(
    content: bytes | None, faces: Sequence[NamedFace], shape: Shape, people: Collection[str] | None = None
) -> bytes:
    """A sidecar's content (None: there is none yet) with these faces.

    Args:
        people: ids of the people to write about, `faces` being all of theirs; None: everybody. Regions that Mien
            wrote about them before are replaced.

    Gives `content` itself where nothing is to be changed. Raises `MalformedXmp` and `OtherVersion`.
    """
    if content is None and not faces:
        raise ValueError("nothing to write")
    packet = parse(_EMPTY if content is None else content)
    edits = _edits(packet, faces, shape, people)
    text = edited(packet.text, edits)
    if content is not None and text == packet.text:
        return content
    parse(text)  # whatever no one has foreseen in a sidecar, it must not become a broken one
    return packet.encoded(text)


def _edits(packet: Packet, faces: Sequence[NamedFace], shape: Shape, people: Collection[str] | None) -> list[Edit]:
    regions = [r for r in packet.values(f"{MWG} Regions") if isinstance(r, Element)]
    listed = list_of(get(regions[0], f"{MWG} RegionList")) if regions else None
    frame = applied_to(get(regions[0], f"{MWG} AppliedToDimensions") if regions else None, ST_DIMENSIONS, shape)
    if frame is None:
        raise OtherVersion
    marked = [item for r in regions for item in items(get(r, f"{MWG} RegionList"))]
    mine = [region for region in marked if _is_replaced(region, faces, frame, people)]
    others = [region for region in marked if region not in mine]
    renaming = _renamed(others, faces, frame)
    was_listed = {_name(region) for region in mine if mark_of(region, "listed")}
    decided = {face.name for face in faces if face.guess is None}
    names = {_name(region) for region in others} - renaming.gone | decided
    edits, add = _people(packet, (renaming.gone | was_listed) - names, decided)
    edits += [*renaming.edits, *_microsoft(packet, faces, shape)]
    added = "".join(_region(f, frame, f.name in add or f.name in was_listed) for f in renaming.left).encode()
    emptied = not added and mine and not others
    if emptied:
        edits += [_dropped(packet.text, r) for r in regions]
    else:
        edits += [_dropped(packet.text, region) for region in mine]
    if added and listed is not None:
        edits.append(_appended(packet.text, listed, added))
    elif added and regions:  # a structure without a list, which is of no use to anybody
        edits += [_dropped(packet.text, r) for r in regions]
    fresh = _regions(added, shape).encode() if added and listed is None else b""
    if add and next(packet.values(_PEOPLE), None) is None:
        fresh += _person_list(add).encode()
    if fresh:
        rdf = packet.rdf
        if rdf is None:
            raise MalformedXmp("no RDF")
        edits.append(_appended(packet.text, rdf, _description(packet, fresh)))
    return edits


def _is_replaced(region: Element, faces: Sequence[NamedFace], frame: Frame, people: Collection[str] | None) -> bool:
    """Whether Mien wrote this region, of one of these people or where one of these faces is."""
    by = mark_of(region, "person")
    if not by or people is None or by in people:
        return bool(by)
    box = _box(region, frame)
    return box is not None and _at(box, faces) is not None


@dataclass(frozen=True)
class _Renaming:
    """What becomes of others' regions: edits, the names that go by them, and the faces that are still to be written."""

    edits: list[Edit]
    gone: set[str]
    left: list[NamedFace]


def _renamed(others: Sequence[Element], faces: Sequence[NamedFace], frame: Frame) -> _Renaming:
    edits: list[Edit] = []
    gone: set[str] = set()
    left = list(faces)
    for region in others:
        if text_of(get(region, f"{MWG} Type")).lower() not in ("face", "") or mark_of(region, "person"):
            continue
        box = _box(region, frame)
        face = None if box is None else _at(box, left)
        if face is None:
            continue
        name = _name(region)
        if name != face.name:
            edit = _rename(region, MWG, "Name", face.name)
            if face.guess is not None or edit is None:
                continue
            edits.append(edit)
            gone.add(name)
        left.remove(face)
    return _Renaming(edits, gone - {""}, left)


def _microsoft(packet: Packet, faces: Sequence[NamedFace], shape: Shape) -> list[Edit]:
    """Names that were written twice, as digiKam does, stay the same in both."""
    edits = []
    for info in packet.values(f"{MICROSOFT} RegionInfo"):
        for region in items(get(info, f"{MICROSOFT_INFO} Regions")) if isinstance(info, Element) else ():
            box = corner_box(text_of(get(region, f"{MICROSOFT_REGION} Rectangle")))
            face = None if box is None else _at(shown(box, shape.orientation), faces)
            name = name_of(get(region, f"{MICROSOFT_REGION} PersonDisplayName"))
            if face is not None and face.guess is None and name is not None and name != face.name:
                edit = _rename(region, MICROSOFT_REGION, "PersonDisplayName", face.name)
                edits += [] if edit is None else [edit]
    return edits


def _box(region: Element, frame: Frame) -> Box | None:
    """Where a region is in the upright photo."""
    box = area_box(region, get(region, f"{MWG} Area"), ST_AREA, frame)
    return None if box is None else shown(box, frame.orientation)


def _at(box: Box, faces: Sequence[NamedFace]) -> NamedFace | None:
    """The face that stands in `box`."""
    there = [face for face in faces if is_same_place(face.box, box)]
    return max(there, key=lambda face: overlap(face.box, box), default=None)


def _rename(region: Element, namespace: str, field: str, name: str) -> Edit | None:
    """Have a region's field say `name`; None where that takes more than one edit."""
    holder = next((c for c in region.children if c.name == f"{RDF} Description"), region)
    key = f"{namespace} {field}"
    for element in (region, holder):
        if (span := element.values.get(key)) is not None:
            return Edit(*span, _escaped(name).encode())
    value = get(region, key)
    if isinstance(value, Element):
        value = next(iter(items(value)), value)
        return None if value.is_one_tag or value.children else Edit(value.inner, value.close, _escaped(name).encode())
    if holder.is_one_tag:
        return None
    inserted = f'<r:{field} xmlns:r="{namespace}">{_escaped(name)}</r:{field}>'
    return Edit(holder.inner, holder.inner, inserted.encode())


def _people(packet: Packet, remove: set[str], wanted: set[str]) -> tuple[list[Edit], list[str]]:
    """The edits of the list of names, and which names it lacked."""
    values = list(packet.values(_PEOPLE))
    known = {text_of(item): item for value in values for item in items(value)}
    add = sorted(wanted - known.keys())
    edits = [_dropped(packet.text, item) for name, item in known.items() if name in remove]
    bag = next((bag for value in values if (bag := list_of(value)) is not None), None)
    if add and bag is not None:
        added = "".join(f'<rdf:li xmlns:rdf="{RDF}">{_escaped(name)}</rdf:li>' for name in add).encode()
        edits.append(_appended(packet.text, bag, added))
    return edits, add


def _region(face: NamedFace, frame: Frame, is_listed: bool) -> str:
    x0, y0, x1, y1 = stored(face.box, frame.orientation)
    numbers = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2, "w": x1 - x0, "h": y1 - y0}
    area = " ".join(f'stArea:{name}="{round(value, _DECIMALS):.{_DECIMALS}f}"' for name, value in numbers.items())
    marks = {"person": face.person_id, "listed": "True" if is_listed else ""}
    if face.guess is not None:
        marks["guess"] = f"{face.guess:.2f}"
    told = " ".join(f'mien:{name}="{_escaped(value)}"' for name, value in marks.items() if value)
    return (
        f'\n     <rdf:li xmlns:rdf="{RDF}" xmlns:mwg-rs="{MWG}" xmlns:stArea="{ST_AREA}" xmlns:mien="{MIEN}">'
        f'<rdf:Description mwg-rs:Name="{_escaped(face.name)}" mwg-rs:Type="Face">'
        f'<mwg-rs:Area {area} stArea:unit="normalized"/><mwg-rs:Extensions {told}/>'
        "</rdf:Description></rdf:li>"
    )


def _regions(added: bytes, shape: Shape) -> str:
    width, height = shape.stored
    return (
        f'\n   <mwg-rs:Regions xmlns:mwg-rs="{MWG}" rdf:parseType="Resource">'
        f'\n    <mwg-rs:AppliedToDimensions xmlns:stDim="{ST_DIMENSIONS}"'
        f' stDim:w="{width}" stDim:h="{height}" stDim:unit="pixel"/>'
        f"\n    <mwg-rs:RegionList><rdf:Bag>{added.decode()}</rdf:Bag></mwg-rs:RegionList>"
        "\n   </mwg-rs:Regions>"
    )


def _person_list(names: Sequence[str]) -> str:
    people = "".join(f'<rdf:li xmlns:rdf="{RDF}">{_escaped(name)}</rdf:li>' for name in names)
    return (
        f'\n   <Iptc4xmpExt:PersonInImage xmlns:Iptc4xmpExt="{IPTC_EXTENSION}">'
        f"<rdf:Bag>{people}</rdf:Bag></Iptc4xmpExt:PersonInImage>"
    )


def _description(packet: Packet, properties: bytes) -> bytes:
    """One more description of what the others describe."""
    subject = next(
        (s.attributes[key] for s in packet.subjects() for key in (f"{RDF} about",) if key in s.attributes), ""
    )
    head = f'\n  <rdf:Description xmlns:rdf="{RDF}" rdf:about="{_escaped(subject)}">'
    return head.encode() + properties + b"\n  </rdf:Description>"


def _appended(text: bytes, parent: Element, added: bytes) -> Edit:
    """Put `added` behind the last child of `parent`."""
    if parent.is_one_tag:
        head = text[parent.start : parent.inner - 2]
        tag = head[1:].split(None, 1)[0]
        return Edit(parent.inner - 2, parent.inner, b">" + added + b"</" + tag + b">")
    at = parent.children[-1].end if parent.children else parent.inner
    return Edit(at, at, added)


def _dropped(text: bytes, element: Element) -> Edit:
    """Take away an element and the white space before it."""
    start = element.start
    while text[start - 1 : start].isspace():
        start -= 1
    return Edit(start, element.end)


def _name(region: Element) -> str:
    return name_of(get(region, f"{MWG} Name")) or ""


def _escaped(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;")):
        text = text.replace(character, entity)
    return text
