"""Faces as other programs mark them."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mien.photo.containers import Anatomy, dissect
from mien.photo.containers.extended_xmp import extended_xmp
from mien.photo.face_regions import FaceRegion, Shape, face_regions, is_same_place, merged
from mien.photo.orientation import Box, is_turned, shown
from mien.photo.rdf import parse
from mien.photo.sidecars import read_faces, shape_of
from tests.photo.pictures import encoded, exif, with_jpeg_segment
from tests.photo.xmp_packets import (
    acdsee,
    apple,
    digikam,
    dimensions,
    lightroom,
    packet,
    picasa,
    region,
    regions,
    windows_photo_gallery,
)

SHAPE = Shape(4000, 3000)
BOX = (0.25, 0.3, 0.35, 0.5)
NAMES = ["Anna", "李明", "דוד לוי", "محمد", "Zoë & “Tom”", "<&>\"'", "O'Neil", "👩‍👩‍👧"]


def found(*descriptions: str, shape: Shape = SHAPE) -> tuple[FaceRegion, ...]:
    return face_regions(parse(packet(*descriptions)), shape).faces


@pytest.mark.parametrize("writer", [lightroom, digikam, picasa, apple, windows_photo_gallery, acdsee])
@pytest.mark.parametrize("name", NAMES)
def test_what_each_program_writes(writer: object, name: str) -> None:
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    faces = found(writer(escaped))  # type: ignore[operator]
    (anna,) = [face for face in faces if face.name is not None]
    assert anna.name == name
    assert anna.box == pytest.approx(BOX)
    assert anna.otherwise is None
    assert len(faces) == {picasa: 2, apple: 2}.get(writer, 1)  # type: ignore[call-overload]


def test_no_xmp_no_faces() -> None:
    assert found() == ()
    assert found('<rdf:Description rdf:about=""/>') == ()
    assert found(regions()) == ()
    assert face_regions(parse(b"<svg/>"), SHAPE).faces == ()


@pytest.mark.parametrize("kind", ["Pet", "Focus", "BarCode", "Object"])
def test_only_faces_are_faces(kind: str) -> None:
    assert found(regions(region("Rex", 0.5, 0.5, 0.1, 0.1, kind=kind))) == ()


def test_a_region_without_a_type_is_a_face() -> None:
    (face,) = found(regions(region("Anna", 0.5, 0.5, 0.1, 0.1).replace("<mwg-rs:Type>Face</mwg-rs:Type>", "")))
    assert face.name == "Anna"


def test_pixels_are_divided_by_the_dimensions_beside_them() -> None:
    (face,) = found(regions(region("Anna", 600, 600, 200, 300, unit="pixel"), dimensions=dimensions(2000, 1500)))
    assert face.box == pytest.approx(BOX)
    (face,) = found(regions(region("Anna", 1200, 1200, 400, 600, unit="pixel")))
    assert face.box == pytest.approx(BOX)


@pytest.mark.parametrize(
    ("region_", "flaw"),
    [
        (region("Anna", 0.5, 0.5, 0, 0.1), "no-place"),
        (region("Anna", 0.5, 0.5, -0.1, 0.1), "no-place"),
        (region("Anna", "nan", 0.5, 0.1, 0.1), "no-place"),
        (region("Anna", "inf", 0.5, 0.1, 0.1), "no-place"),
        (region("Anna", "1e400", 0.5, 0.1, 0.1), "no-place"),
        (region("Anna", "a", 0.5, 0.1, 0.1), "no-place"),
        (region("Anna", 1.5, 0.5, 0.1, 0.1), "no-place"),
        (region("Anna", 600, 600, 200, 300), "no-place"),
        ("<mwg-rs:Name>Anna</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>", "no-place"),
        ("<mwg-rs:Name>Anna</mwg-rs:Name><mwg-rs:Area>0.1</mwg-rs:Area>", "no-place"),
    ],
)
def test_what_is_no_place_is_told(region_: str, flaw: str) -> None:
    result = face_regions(parse(packet(regions(region_, dimensions=dimensions(4000, 3000)))), SHAPE)
    assert result.faces == ()
    assert result.flawed == (("Anna", flaw),)


@pytest.mark.parametrize("rectangle", ["", "0.1", "0.1, 0.2, 0.3", "a, b, c, d", "0.1, 0.1, 0, 0.2"])
def test_what_is_no_rectangle_is_no_face(rectangle: str) -> None:
    assert found(windows_photo_gallery(rectangle=rectangle)) == ()


def test_a_region_that_reaches_out_of_the_picture_is_cut() -> None:
    (face,) = found(regions(region("Anna", 0.98, 0.5, 0.1, 0.2)))
    assert face.box == pytest.approx((0.93, 0.4, 1, 0.6))


@pytest.mark.parametrize(
    ("size", "is_ours"),
    [
        ((4000, 3000), True),
        ((1024, 768), True),
        ((4016, 3008), True),
        ((3000, 3000), False),
        ((4000, 2250), False),
        ((3000, 4000), False),
        ((0, 0), True),
        (("", "x"), True),
    ],
)
def test_regions_of_another_version_are_told_apart(size: tuple[object, object], is_ours: bool) -> None:
    result = face_regions(parse(packet(lightroom(width=size[0], height=size[1]))), SHAPE)  # type: ignore[arg-type]
    assert len(result.faces) == is_ours
    assert result.flawed == (() if is_ours else (("Anna", "other-version"),))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_areas_are_of_the_stored_picture(orientation: int) -> None:
    shape = Shape(3000, 4000, orientation)
    (face,) = found(lightroom(width=shape.stored[0], height=shape.stored[1]), shape=shape)
    assert face.box == pytest.approx(shown(BOX, orientation))
    assert (face.otherwise is None) == (orientation == 1 or is_turned(orientation))


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_a_program_that_measured_the_upright_photo_is_believed(orientation: int) -> None:
    (face,) = found(lightroom(width=3000, height=4000), shape=Shape(3000, 4000, orientation))
    assert face.box == pytest.approx(BOX)
    assert face.otherwise is None


@pytest.mark.parametrize("orientation", range(2, 9))
def test_where_nothing_tells_there_are_two_readings(orientation: int) -> None:
    (face,) = found(windows_photo_gallery(), shape=Shape(3000, 4000, orientation))
    assert face.box == pytest.approx(shown(BOX, orientation))
    assert face.otherwise == pytest.approx(BOX)


@pytest.mark.parametrize(("turn", "is_on_its_side"), [(0.3, False), (1.4, True), (-1.6, True), (3.1, False)])
def test_a_rotated_area(turn: float, is_on_its_side: bool) -> None:
    more = f"<mwg-rs:Rotation>{turn}</mwg-rs:Rotation>"
    (face,) = found(regions(region("Anna", 0.5, 0.5, 0.1, 0.2, more=more), dimensions=dimensions(4000, 3000)))
    width, height = face.box[2] - face.box[0], face.box[3] - face.box[1]
    assert (width, height) == pytest.approx((0.15, 0.4 / 3) if is_on_its_side else (0.1, 0.2))


def test_the_standard_wins_and_the_others_add_to_it() -> None:
    (face,) = found(digikam("Anna"), windows_photo_gallery("Berta"))
    assert (face.name, face.source) == ("Anna", "mwg")
    faces = found(digikam("Anna"), windows_photo_gallery("Berta", "0.7, 0.3, 0.1, 0.2"))
    assert [(f.name, f.source) for f in faces] == [("Anna", "mwg"), ("Berta", "microsoft")]


A, NEAR_A, B = (0.1, 0.1, 0.3, 0.3), (0.12, 0.1, 0.32, 0.3), (0.6, 0.1, 0.8, 0.3)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([], []),
        ([[], []], []),
        ([[("Anna", A)], [("Berta", NEAR_A)]], [("Anna", A)]),
        ([[(None, A)], [("Berta", NEAR_A)]], [("Berta", A)]),
        ([[("Anna", A)], [("Berta", B)]], [("Anna", A), ("Berta", B)]),
        ([[("Anna", A)], [("Anna", B)]], [("Anna", A)]),
        ([[("Anna", A), ("Anna", B)]], [("Anna", A), ("Anna", B)]),
        ([[("Anna", A)], [(None, B)]], [("Anna", A), (None, B)]),
    ],
)
def test_sources_in_their_order(
    sources: list[list[tuple[str | None, Box]]], expected: list[tuple[str | None, Box]]
) -> None:
    kept = merged([FaceRegion(name, box, "mwg") for name, box in source] for source in sources)
    assert [(face.name, face.box) for face in kept] == expected


@given(st.lists(st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([A, NEAR_A, B])))))
def test_no_name_is_lost_among_sources(sources: list[list[tuple[str | None, Box]]]) -> None:
    regions_ = [[FaceRegion(name, box, "mwg") for name, box in source] for source in sources]
    kept = merged(regions_)
    assert all(face in kept for source in regions_[:1] for face in source if face.name is not None)
    for face in (face for source in regions_ for face in source if face.name is not None):
        assert face.name in {k.name for k in kept} or any(is_same_place(k.box, face.box) for k in kept)


def test_no_file_makes_an_album_wait() -> None:
    endless = regions(*[region(f"N{n}", (n % 97) / 97, (n % 89) / 89, 0.01, 0.01) for n in range(6_000)])
    assert len(found(endless, digikam("Anna"))) <= 2000


def test_exif_orientation_counts_also_where_the_picture_itself_is_turned() -> None:
    """A phone's HEIC: shown as stored in the file, and yet programs measure what the sensor saw."""
    turned = Anatomy(picture=(b"",), exif=exif({0x0112: 6}).tobytes()[6:], oriented=True)
    shape = shape_of(turned, 3000, 4000)
    assert shape == Shape(3000, 4000, 6)
    assert found(lightroom(width=4000, height=3000), shape=shape)[0].box == pytest.approx(shown(BOX, 6))
    assert found(lightroom(width=3000, height=4000), shape=shape)[0].box == pytest.approx(BOX)
    assert shape_of(Anatomy(picture=(b"",), exif=b"", oriented=True), 3000, 4000) == Shape(3000, 4000, 1)
    assert shape_of(Anatomy(picture=(b"",), exif=exif({0x0112: 42}).tobytes()[6:]), 3000, 4000).orientation == 1


def jpeg(xmp: bytes, width: int = 40, height: int = 30, **options: object) -> bytes:
    data = encoded(np.zeros((height, width, 3), np.uint8), "JPEG", **options)
    return with_jpeg_segment(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_inside_a_photo(tmp_path: Path, orientation: int) -> None:
    data = jpeg(packet(lightroom(width=40, height=30)), exif=exif({0x0112: orientation}))
    anatomy = dissect(data)
    size = (30, 40) if is_turned(orientation) else (40, 30)
    shape = shape_of(anatomy, *size)
    assert shape == Shape(*size, orientation)
    (face,) = read_faces(tmp_path / "a.jpg", data, shape, []).faces
    assert face.box == pytest.approx(shown(BOX, orientation))


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_regions_inside_other_formats(tmp_path: Path, file_format: str) -> None:
    image, buffer = Image.new("RGB", (40, 30)), io.BytesIO()
    xmp = packet(lightroom("李明", width=40, height=30))
    if file_format == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        image.save(buffer, "PNG", pnginfo=info)
    elif file_format == "TIFF":
        image.save(buffer, "TIFF", tiffinfo={700: xmp})
    else:
        image.save(buffer, file_format, xmp=xmp)
    (face,) = read_faces(tmp_path / "a", buffer.getvalue(), Shape(40, 30), []).faces
    assert face.name == "李明"


def extended(data: bytes, rest: bytes, *, step: int = 300, guid: str | None = None, lost: int | None = None) -> bytes:
    guid = guid or hashlib.md5(rest).hexdigest().upper()
    for number, offset in reversed(list(enumerate(range(0, len(rest), step)))):
        if number != lost:
            head = guid.encode() + len(rest).to_bytes(4, "big") + offset.to_bytes(4, "big")
            body = b"http://ns.adobe.com/xmp/extension/\0" + head + rest[offset : offset + step]
            data = with_jpeg_segment(data, 0xE1, body)
    return data


def test_regions_beyond_the_first_64_kilobytes(tmp_path: Path) -> None:
    rest = packet(lightroom(width=40, height=30))
    guid = hashlib.md5(rest).hexdigest().upper()
    first = packet(f'<rdf:Description xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{guid}"/>')
    data = extended(jpeg(first), rest)
    assert extended_xmp(data, first) == rest
    (face,) = read_faces(tmp_path / "a.jpg", data, Shape(40, 30), []).faces
    assert face.name == "Anna"
    assert extended_xmp(extended(jpeg(first), rest, lost=2), first) == b""
    assert extended_xmp(extended(jpeg(first), rest, guid="0" * 32), first) == b""
    assert extended_xmp(extended(jpeg(packet()), rest), packet()) == b""
    for end in range(0, len(data), 97):
        extended_xmp(data[:end], first)


def test_broken_xmp_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.jpg.xmp", tmp_path / "a.xmp"
    good.write_bytes(packet(lightroom(width=40, height=30)))
    bad.write_bytes(b"<x:xmpmeta")
    said = read_faces(tmp_path / "a.jpg", jpeg(b"<!DOCTYPE x>"), Shape(40, 30), [bad, good])
    assert [face.name for face in said.faces] == ["Anna"]
    assert said.malformed == (bad, tmp_path / "a.jpg")
