"""Sniffing: the content decides, the name only where the content tells nothing."""

import struct
import tracemalloc
from pathlib import Path

import pytest

from mien.errors import UnreadablePhoto
from mien.photo.formats import FileKind, sniff, sniff_bytes
from mien.photo.reading import read_photo
from tests.photo.pictures import corners, encoded

PHOTO, VIDEO, OTHER = FileKind.PHOTO, FileKind.VIDEO, FileKind.OTHER


def _ftyp(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(12)


@pytest.mark.parametrize(
    "file_format",
    ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000", "ICO", "PPM", "QOI", "DDS", "ICNS"],
)
@pytest.mark.parametrize("name", ["a", "a.bin", "a.mp4", "a.txt"])
def test_a_picture_is_one_under_any_name(file_format: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(encoded(corners(64, 64), file_format))
    assert sniff(path) is PHOTO


@pytest.mark.parametrize(
    ("header", "name", "kind"),
    [
        (b"", "a", OTHER),
        (b"", "a.jpg", PHOTO),  # claimed: it will be listed as empty
        (b"Dear diary", "a.jpg", PHOTO),
        (b"Dear diary", "a.HEIC", PHOTO),
        (b"Dear diary", "a.txt", OTHER),
        (b"Plain words", "a", OTHER),
        (b"P1an", "a", OTHER),
        (b"BM is short for benchmark", "a", OTHER),
        (bytes(512), "a.dat", OTHER),
        (bytes(512), "a.tga", PHOTO),  # no magic number: the name claims it
        (b"%!PS-Adobe-3.0", "a.eps", OTHER),
        (b"\xd7\xcd\xc6\x9a", "a.wmf", OTHER),
        (b"%PDF-1.7", "a.pdf", OTHER),
        (b"\0\x05\x16\x07", "._IMG_1234.jpg", OTHER),
        (_ftyp(b"heic"), "a", PHOTO),
        (_ftyp(b"crx "), "a.cr3", PHOTO),
        (b"FUJIFILMCCD-RAW 0201", "a", PHOTO),
        (_ftyp(b"qt  "), "a.jpg", VIDEO),
        (_ftyp(b"isom"), "a", VIDEO),
        (_ftyp(b"M4A "), "a.m4a", OTHER),
        (b"\0\0\0\x08wide", "a", VIDEO),
        (b"\x1aE\xdf\xa3", "a.mkv", VIDEO),
        (b"RIFF\0\0\0\0AVI ", "a", VIDEO),
        (b"RIFF\0\0\0\0WAVE", "a.wav", OTHER),
        (b"\0\0\x01\xba", "a.mpg", VIDEO),
        ((b"G" + bytes(187)) * 3, "00001.mts", VIDEO),
        (b"export const a = 1", "a.ts", OTHER),
        (b"", "a.mp4", VIDEO),
    ],
)
def test_kinds(header: bytes, name: str, kind: FileKind) -> None:
    assert sniff_bytes(header, name) is kind


def test_a_file_that_cannot_be_opened_is_what_its_name_claims(tmp_path: Path) -> None:
    assert sniff(tmp_path / "gone.jpg") is PHOTO
    assert sniff(tmp_path / "gone.txt") is OTHER
    assert sniff(tmp_path / "a\0.jpg") is PHOTO


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", PHOTO), ("a.txt", OTHER), (".nomedia", OTHER), ("a.mp4", VIDEO)])
def test_an_empty_file_is_what_its_name_claims(name: str, kind: FileKind, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert sniff(tmp_path / name) is kind


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", PHOTO), ("a.txt", OTHER)])
def test_a_forbidden_file_is_what_its_name_claims(
    name: str, kind: FileKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError

    (tmp_path / name).write_bytes(encoded(corners(), "JPEG"))
    monkeypatch.setattr(Path, "open", forbidden)
    assert sniff(tmp_path / name) is kind
    with pytest.raises(UnreadablePhoto) as caught:
        read_photo(tmp_path / name)
    assert caught.value.code == "photo-forbidden"


def test_only_a_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xff\xd8\xff" + bytes(16 << 20))
    tracemalloc.start()
    try:
        assert sniff(path) is PHOTO
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_folder_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    assert sniff(tmp_path / "a.jpg") is OTHER
