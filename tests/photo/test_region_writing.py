"""Sidecars that are written: what else is in them stays."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.photo.face_regions import Shape, face_regions
from mien.photo.orientation import Box, is_turned
from mien.photo.rdf import MalformedXmp, items, parse, text_of
from mien.photo.region_writing import IPTC_EXTENSION, NamedFace, OtherVersion, with_faces
from tests.photo.xmp_packets import (
    RDF_NS,
    acdsee,
    apple,
    digikam,
    lightroom,
    packet,
    picasa,
    windows_photo_gallery,
)

SHAPE = Shape(4000, 3000)
BOX = (0.25, 0.3, 0.35, 0.5)
ELSEWHERE = (0.05, 0.05, 0.15, 0.15)
ANNA, BERTA = NamedFace("p-anna", "Anna", BOX), NamedFace("p-berta", "Berta", ELSEWHERE)
OTHERS = """  <rdf:Description rdf:about="" xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:my="urn:mine#"
     dc:format = "image/jpeg"   my:note="1 &gt; 0 &#x41;">
   <!-- a comment <with> markup -->
   <dc:subject><rdf:Bag><rdf:li>holiday</rdf:li><rdf:li>Anna</rdf:li></rdf:Bag></dc:subject>
   <my:empty/><my:cdata><![CDATA[<kept> & as it is]]></my:cdata>
   <?instruction kept?>
  </rdf:Description>"""


def named(content: bytes, shape: Shape = SHAPE) -> dict[str | None, Box]:
    return {face.name: face.box for face in face_regions(parse(content), shape).faces}


def people(content: bytes) -> list[str]:
    return [text_of(i) for value in parse(content).values(f"{IPTC_EXTENSION} PersonInImage") for i in items(value)]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_new_sidecar(orientation: int) -> None:
    shape = Shape(3000, 4000, orientation)
    content = with_faces(None, [ANNA, BERTA], shape)
    (anna, berta) = face_regions(parse(content), shape).faces
    assert (anna.name, berta.name) == ("Anna", "Berta")
    assert anna.box == pytest.approx(BOX)
    assert berta.box == pytest.approx(ELSEWHERE)
    assert people(content) == ["Anna", "Berta"]
    size = (4000, 3000) if is_turned(orientation) else (3000, 4000)
    assert f'stDim:w="{size[0]}" stDim:h="{size[1]}" stDim:unit="pixel"'.encode() in content


def test_areas_are_written_as_the_standard_says() -> None:
    """Centres, in the picture as stored: EXIF orientation 6 shows its left side at the top."""
    content = with_faces(None, [NamedFace("p", "Anna", (0.6, 0.1, 0.8, 0.2))], Shape(3000, 4000, 6))
    area = re.search(rb"<mwg-rs:Area ([^>]*)/>", content)
    assert area is not None
    numbers = dict(re.findall(rb'stArea:(\w+)="([^"]*)"', area[1]))
    assert numbers == {
        b"x": b"0.150000",
        b"y": b"0.300000",
        b"w": b"0.100000",
        b"h": b"0.200000",
        b"unit": b"normalized",
    }


boxes = st.tuples(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.05, 0.2), st.floats(0.05, 0.2)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(names, boxes, st.integers(1, 8), st.sampled_from([(400, 300), (300, 400), (300, 300)]))
def test_every_name_and_box_comes_back(name: str, box: Box, orientation: int, size: tuple[int, int]) -> None:
    shape = Shape(*size, orientation)
    content = with_faces(None, [NamedFace("p", name, box)], shape)
    (face,) = face_regions(parse(content), shape).faces
    assert face.name == name
    assert face.box == pytest.approx(box, abs=1e-5)
    assert with_faces(content, [NamedFace("p", name, box)], shape) is content


SIDECARS = [
    packet(OTHERS),
    packet(OTHERS, lightroom("Cem")),
    packet(digikam("Cem"), OTHERS),
    packet(OTHERS, picasa("Cem")),
    packet(OTHERS, apple("Cem")),
    packet(OTHERS, windows_photo_gallery("Cem", "0.6, 0.6, 0.1, 0.1")),
    packet(OTHERS, acdsee("Cem")),
    packet(),
    f'<rdf:RDF xmlns:rdf="{RDF_NS}"/>'.encode(),
    f'<r:RDF xmlns:r="{RDF_NS}"><r:Description r:about="uuid:1"/></r:RDF>'.encode(),
    packet(OTHERS).replace(b"\n", b"\r\n"),
    packet(OTHERS, lightroom("Cem")).decode().encode("utf-16"),
    packet('<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/">'
           '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag/></mwg-rs:RegionList>'
           "</mwg-rs:Regions></rdf:Description>"),
    packet('<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/">'
           '<mwg-rs:Regions rdf:parseType="Resource"/></rdf:Description>', OTHERS),
]  # fmt: skip


@pytest.mark.parametrize("before", SIDECARS)
def test_all_else_stays_to_the_byte(before: bytes) -> None:
    face = NamedFace("p", "Dana", ELSEWHERE)
    after = with_faces(before, [face], SHAPE)
    assert named(after)["Dana"] == pytest.approx(ELSEWHERE)
    assert "Dana" in people(after)
    old, new = parse(before).text, parse(after).text
    added = len(new) - len(old)
    assert after[:3] == before[:3]
    if b"RegionList" not in old and b"Regions" not in old and not old.endswith(b"/>"):
        # one piece was put in, nowhere else was anything touched
        at = next(i for i, (a, b) in enumerate(itertools.zip_longest(old, new)) if a != b)
        assert new[:at] + new[at + added :] == old
    for kept in re.findall(rb"<[^<>]+>|[^<>]+", old):
        if b"Bag/>" not in kept and b"RDF" not in kept and b"Regions" not in kept:
            assert kept in new
    assert set(named(before)) <= set(named(after))
    assert with_faces(after, [face], SHAPE) is after


@pytest.mark.parametrize("before", SIDECARS)
def test_what_was_written_can_be_taken_back(before: bytes) -> None:
    after = with_faces(before, [NamedFace("p", "Dana", ELSEWHERE)], SHAPE)
    back = with_faces(after, [], SHAPE)
    assert named(back) == named(before)
    assert people(back) == people(before)
    assert with_faces(back, [], SHAPE) is back


def test_a_region_that_is_there_is_not_written_twice() -> None:
    before = packet(lightroom("Anna"))
    after = with_faces(before, [ANNA], SHAPE)
    assert after.count(b"mwg-rs:Area") == before.count(b"mwg-rs:Area")
    assert people(after) == ["Anna"]


@pytest.mark.parametrize("writer", [lightroom, digikam, picasa, apple])
def test_another_programs_region_gets_the_name_that_was_given(writer: object) -> None:
    before = packet(writer("Ana"))  # type: ignore[operator]
    after = with_faces(before, [NamedFace("p", 'Anna "<&>"', BOX)], SHAPE)
    assert named(after)['Anna "<&>"'] == pytest.approx(BOX)
    assert "Ana" not in named(after)
    assert after.count(b"<mwg-rs:Area") == before.count(b"<mwg-rs:Area")
    assert b">Ana<" not in after
    assert b'"Ana"' not in after


def test_a_face_that_nobody_had_named_gets_a_name() -> None:
    after = with_faces(packet(picasa("Anna")), [NamedFace("p", "Berta", (0.65, 0.3, 0.75, 0.5))], SHAPE)
    assert {name: box[0] for name, box in named(after).items()} == {
        "Anna": pytest.approx(0.25),
        "Berta": pytest.approx(0.65),
    }


def test_only_the_people_asked_for_are_renewed() -> None:
    both = with_faces(packet(lightroom("Cem")), [BERTA, NamedFace("p-dana", "Dana", (0.8, 0.8, 0.9, 0.9))], SHAPE)
    after = with_faces(both, [NamedFace("p-berta", "Bertha", ELSEWHERE)], SHAPE, {"p-berta"})
    assert set(named(after)) == {"Cem", "Dana", "Bertha"}
    assert people(after) == ["Dana", "Bertha"]
    assert set(named(with_faces(after, [], SHAPE, {"p-dana"}))) == {"Cem", "Bertha"}
    # Whoever was merged with somebody else leaves no second region behind.
    assert set(named(with_faces(after, [NamedFace("p-new", "Eve", ELSEWHERE)], SHAPE, {"p-new"}))) == {
        "Cem", "Dana", "Eve",
    }  # fmt: skip


def test_a_name_that_the_user_listed_is_never_taken_off_the_list() -> None:
    listed = (
        f'<rdf:Description rdf:about="" xmlns:i="{IPTC_EXTENSION}"><i:PersonInImage><rdf:Bag>'
        "<rdf:li>Berta</rdf:li></rdf:Bag></i:PersonInImage></rdf:Description>"
    )
    before = packet(listed)
    after = with_faces(before, [ANNA, BERTA], SHAPE)
    assert people(after) == ["Berta", "Anna"]
    assert people(with_faces(after, [], SHAPE)) == ["Berta"]


def test_guesses_are_marked_and_change_no_name() -> None:
    guess = NamedFace("p", "Anna", ELSEWHERE, guess=0.93)
    content = with_faces(packet(lightroom("Cem")), [guess, NamedFace("q", "Dana", BOX, guess=0.95)], SHAPE)
    faces = {face.name: face.is_guess for face in face_regions(parse(content), SHAPE).faces}
    assert faces["Anna"]
    assert not faces["Cem"]
    assert people(content) == []


def test_a_frame_that_is_there_is_kept() -> None:
    """A program that measured the upright photo finds what is added where it looks for it."""
    shape = Shape(3000, 4000, 6)
    after = with_faces(packet(lightroom("Cem", width=3000, height=4000)), [BERTA], shape)
    assert named(after, shape) == {
        "Cem": pytest.approx(BOX),
        "Berta": pytest.approx(ELSEWHERE),
    }


@pytest.mark.parametrize(
    "content", [b"", b"<x:xmpmeta", packet(lightroom())[:-30], b"<x/>", b"<!DOCTYPE x><x/>", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_malformed_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedXmp):
        with_faces(content, [ANNA], SHAPE)


def test_regions_of_another_version_are_left_alone() -> None:
    with pytest.raises(OtherVersion):
        with_faces(packet(lightroom(width=3000, height=3000)), [ANNA], SHAPE)
