"""Live Photos: still and film of one shot are one photo; a film of its own stays a video."""

import struct
from pathlib import Path

import pytest

from mien.photo.live import content_identifier, live_pairs
from tests.photo.pictures import box, corners, encoded, exif


def _film(seconds: float = 3.0, identifier: str = "", *, wide: bool = False) -> bytes:
    header = bytes(12) + struct.pack(">II", 600, int(600 * seconds)) + bytes(80)
    if wide:
        header = b"\1" + bytes(19) + struct.pack(">IQ", 600, int(600 * seconds)) + bytes(80)
    key = box(b"mdta", b"com.apple.quicktime.content.identifier")
    value = box(b"data", struct.pack(">II", 1, 0), identifier.encode().ljust(8))
    meta = box(
        b"meta",
        box(b"hdlr", bytes(24)),
        box(b"keys", struct.pack(">II", 0, 1), key),
        box(b"ilst", box(struct.pack(">I", 1), value)),
    )
    moov = box(b"moov", box(b"mvhd", header), *([meta] if identifier else []))
    return box(b"ftyp", b"qt  ", bytes(4)) + box(b"mdat", bytes(1000)) + moov


def _still(identifier: str) -> bytes:
    value = identifier.encode().ljust(8) + b"\0"  # longer than what a tag holds itself
    note = b"Apple iOS\0\0\1MM" + struct.pack(">HHHII", 1, 0x11, 2, len(value), 14 + 18) + bytes(4) + value
    return encoded(corners(), "JPEG", exif=exif({}, {0x927C: note}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _pairs(folder: Path, files: dict[str, bytes]) -> dict[str, str]:
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    pairs = live_pairs(folder / name for name in files)
    return {still.relative_to(folder).as_posix(): film.relative_to(folder).as_posix() for still, film in pairs.items()}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, {}),
        ({"IMG_1.JPG": b""}, {}),
        ({"IMG_1.MOV": _film()}, {}),
        ({"IMG_1.JPG": b"", "IMG_1.MOV": _film()}, {"IMG_1.JPG": "IMG_1.MOV"}),
        ({"IMG_1.HEIC": b"", "img_1.mov": _film()}, {"IMG_1.HEIC": "img_1.mov"}),
        ({"IMG_1.HEIC": b"", "IMG_1.JPG": b"", "IMG_1.MOV": _film()}, {"IMG_1.HEIC": "IMG_1.MOV"}),
        ({"IMG_1.JPG": b"", "IMG_2.MOV": _film()}, {}),
        ({"a/IMG_1.JPG": b"", "b/IMG_1.MOV": _film()}, {}),
        ({"IMG_1.JPG": b"", "IMG_1.MOV": _film(60)}, {}),
        ({"IMG_1.JPG": b"", "IMG_1.MOV": _film(60, wide=True)}, {}),
        ({"IMG_1.JPG": b"", "IMG_1.MOV": b"cut off"}, {"IMG_1.JPG": "IMG_1.MOV"}),
        ({"IMG_1.JPG": _still("A-1"), "IMG_1.MOV": _film(identifier="A-1")}, {"IMG_1.JPG": "IMG_1.MOV"}),
        ({"IMG_1.JPG": _still("A-1"), "IMG_1.MOV": _film(identifier="B-2")}, {}),
        ({"IMG_1.JPG": b"no note", "IMG_1.MOV": _film(identifier="B-2")}, {"IMG_1.JPG": "IMG_1.MOV"}),
        (
            {"IMG_1.JPEG": _still("B-2"), "IMG_1.JPG": _still("A-1"), "IMG_1.MOV": _film(identifier="B-2")},
            {"IMG_1.JPEG": "IMG_1.MOV"},
        ),
        ({"IMG_1.PNG": b"", "IMG_1.MOV": _film()}, {}),
    ],
)
def test_pairs(files: dict[str, bytes], expected: dict[str, str], folder: Path) -> None:
    assert _pairs(folder, files) == expected


def test_names_alone_are_enough() -> None:
    gone = Path("gone")
    assert live_pairs([gone / "IMG_1.HEIC", gone / "IMG_1.MOV"]) == {gone / "IMG_1.HEIC": gone / "IMG_1.MOV"}


def test_a_still_without_a_note_has_no_identifier(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(corners(), "JPEG"))
    assert content_identifier(path) is None
    assert content_identifier(tmp_path / "gone.jpg") is None
