"""Files made to cost time or memory, and metadata that break their reader: the picture is still read, or refused."""

import struct
import zlib

import pytest

from mien.errors import UnreadablePhoto
from mien.photo.capture_time import capture_time
from mien.photo.containers import Anatomy, dissect, raw
from mien.photo.exif import Exif
from mien.photo.file_names import time_in_name
from mien.photo.limits import Limits
from mien.photo.metadata import metadata
from mien.photo.reading import read_photo
from tests.photo.pictures import box, corners, difference, encoded, exif, png_chunk, with_png_chunks

pytestmark = pytest.mark.timeout(20)
SIZE = 1 << 20


@pytest.mark.parametrize(
    "packet",
    [
        b"<exif:DateTimeOriginal>" + b" " * SIZE,
        b"<exif:DateTimeOriginal>" + b"x" * SIZE,
        b" DateTimeOriginal>" * (SIZE // 18),
        b" DateTimeOriginal=" * (SIZE // 18),
        b' DateTimeOriginal="' + b" DateTimeOriginal='" * (SIZE // 19),
        b' DateTimeOriginal="<' * (SIZE // 20),
        b" DateTimeOriginal" + b" " * SIZE,
        b" " * SIZE,
        b"<" * SIZE,
        b"<" + b"exif" * (SIZE // 4),
    ],
    ids=range(10),
)
def test_an_xmp_packet(packet: bytes) -> None:
    read = metadata(Anatomy(picture=(), xmp=packet), file_format="JPEG", width=1, height=1)
    assert read.taken is None
    assert read.place is None


@pytest.mark.parametrize(
    "text",
    [
        b"\nexif\n1" + b" " * (SIZE - 99) + b"x",
        b" " * SIZE,
        b"x" * SIZE,
        b"\nexif\n" + b"1" * SIZE,
        b"\nexif\n1\n" + b"0 " * (SIZE // 2 - 99) + b"x",
    ],
    ids=range(5),
)
def test_a_raw_profile_of_a_png(text: bytes) -> None:
    data = with_png_chunks(encoded(corners()), png_chunk(b"tEXt", b"Raw profile type exif\0" + text))
    assert dissect(data).exif == b""


@pytest.mark.parametrize("text", ["(" * SIZE, ")" * SIZE, "1 Jan 2020 " + ":" * SIZE, "," * SIZE, "a " * (SIZE // 2)])
def test_the_time_of_a_png(text: str) -> None:
    anatomy = Anatomy(picture=(), texts={"Creation Time": text})
    assert capture_time(anatomy, Exif.read(anatomy)) is None


def test_items_of_a_heic_in_pieces_of_nothing() -> None:
    places = b"".join(struct.pack(">HHHH", number, 0, 0, 65535) for number in range(65535))
    locations = box(b"iloc", b"\1" + bytes(3), bytes(2), struct.pack(">H", 65535), places)
    data = box(b"ftyp", b"heic", bytes(4), b"mif1heic") + box(b"meta", bytes(4), locations)
    assert dissect(data).picture == (data,)


def test_a_raw_file_of_previews_within_previews() -> None:
    data = b"FUJIFILMCCD-RAW " + b"\xff\xd8\xff\xe0\0\4" * (SIZE // 6)
    assert raw.preview(data) is None


@pytest.mark.parametrize("filling", [b"\xff", b"\xff\0", b"\xff\xd0", b"\xff\x01"])
def test_a_jpeg_full_of_nothing(filling: bytes) -> None:
    data = encoded(corners(), "JPEG")
    filled = data[:2] + filling * (64 * SIZE // len(filling)) + data[2:]
    assert dissect(filled).picture == dissect(data).picture


def test_a_files_name() -> None:
    assert time_in_name("_" * SIZE) is None


def test_exif_whose_tags_share_their_bytes() -> None:
    entries = b"".join(struct.pack(">HHII", 1000 + i, 3, SIZE // 2, 8) for i in range(4000))
    block = b"MM\0*" + struct.pack(">I", 8 + SIZE) + b"\xff" * SIZE + struct.pack(">H", 4000) + entries
    read = Exif.read(Anatomy(picture=(), exif=block))
    assert 0 < sum(len(value) for value in read.main.values()) <= 8 << 20


def test_a_bomb_in_the_metadata_does_no_harm() -> None:
    bombs = [png_chunk(b"zTXt", b"%d\0\0" % i + zlib.compress(bytes(5 << 20))) for i in range(50)]
    data = with_png_chunks(encoded(corners()), *bombs)
    assert sum(len(text) for text in dissect(data).texts.values()) <= 8 << 20
    assert difference(read_photo(data).pixels, corners()) == 0


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = encoded(corners(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    scans = Limits().max_scans - data.count(b"\xff\xda")
    assert read_photo(data[:-2] + data[last:-2] * scans + data[-2:]).metadata.format == "JPEG"
    with pytest.raises(UnreadablePhoto) as caught:
        read_photo(data[:-2] + data[last:-2] * (scans + 1) + data[-2:])
    assert caught.value.code == "photo-too-many-scans"


@pytest.mark.parametrize("broken", ["capture_time", "place"])
def test_metadata_that_break_their_reader_cost_no_picture(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broke(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(f"mien.photo.metadata.{broken}", broke)
    block = exif({0x010F: "Maker"}, {0x9003: "2020:01:02 03:04:05"})
    photo = read_photo(encoded(corners(), "JPEG", exif=block))
    assert difference(photo.pixels, corners()) < 4
    assert photo.metadata.camera == "Maker"
    assert (photo.metadata.taken is None) == (broken == "capture_time")


def test_a_satellite_time_after_the_last_year_costs_no_picture() -> None:
    block = exif({}, {0x9003: "2020:01:02 03:04:05"}, {29: "9999:12:31", 7: (23.0, 59.0, 60.0)})
    taken = read_photo(encoded(corners(), "JPEG", exif=block)).metadata.taken
    assert taken is not None
    assert taken.isoformat() == "2020-01-02T03:04:05"
