"""What Picasa keeps of faces in its own file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.photo.face_regions import Shape
from mien.photo.orientation import shown
from mien.photo.picasa import faces_in, picasa_regions

BOX = (0x3F84 / 0xFFFF, 0x5BCB / 0xFFFF, 0x5941 / 0xFFFF, 0x8507 / 0xFFFF)
INI = b"[Contacts2]\r\n8e62398ebda8c1a5=Anna;;\r\n[A b.JPG]\r\nfaces=rect64(3f845bcb59418507),8e62398ebda8c1a5\r\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\xff\xfe\0", []),
        (b"faces=rect64(3f845bcb59418507),0", []),
        (INI, [("Anna", BOX)]),
        (b"\xef\xbb\xbf" + INI, [("Anna", BOX)]),
        (INI.replace(b"\r\n", b"\n"), [("Anna", BOX)]),
        (INI.replace(b"Anna;;", "李明;;".encode()), [("李明", BOX)]),
        (INI.replace(b"Anna;;", b";;"), [(None, BOX)]),
        (INI.replace(b"Anna;;", b"Ren\xe9;;"), [(None, BOX)]),
        (INI.replace(b"Contacts2", b"Contacts3"), [(None, BOX)]),
        (INI.replace(b"),8e62398ebda8c1a5", b"),ffffffffffffffff"), [(None, BOX)]),
        (INI.replace(b"3f845bcb59418507", b"100020003"), [("Anna", (0, 1 / 0xFFFF, 2 / 0xFFFF, 3 / 0xFFFF))]),
        (INI.replace(b"3f845bcb59418507", b"10002000300040005"), []),
        (INI.replace(b"3f845bcb59418507", b"5941850759418507"), []),
    ],
)
def test_faces_of_a_folder(content: bytes, expected: list[object]) -> None:
    found = picasa_regions(faces_in(content), "a B.jpg", Shape(400, 300))
    assert [(face.name, face.box) for face in found] == expected
    assert all(face.otherwise is None for face in found)


def test_leading_zeros_may_be_left_out() -> None:
    (face,) = picasa_regions(faces_in(INI.replace(b"3f845bcb59418507", b"f845bcb59418507")), "a b.jpg", Shape(400, 300))
    assert face.box == pytest.approx((0x0F84 / 0xFFFF, *BOX[1:]))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_photo_has_two_readings(orientation: int) -> None:
    (face,) = picasa_regions(faces_in(INI), "A b.JPG", Shape(300, 400, orientation))
    assert face.box == pytest.approx(shown(BOX, orientation))
    assert face.otherwise == BOX


@given(st.binary(max_size=200))
def test_any_bytes_do(content: bytes) -> None:
    faces_in(content)
    faces_in(b"[a]\nfaces=" + content)
