"""Which sidecars belong to a photo."""

from pathlib import Path

import pytest

from mien.photo.sidecars import Siblings, read_sidecar, target


@pytest.mark.parametrize(
    ("photo", "others", "sidecars", "written"),
    [
        ("a.jpg", [], [], "a.jpg.xmp"),
        ("a.CR2", [], [], "a.xmp"),
        ("a.jpg", ["a.jpg.xmp"], ["a.jpg.xmp"], "a.jpg.xmp"),
        ("a.jpg", ["a.xmp"], ["a.xmp"], "a.xmp"),
        ("a.jpg", ["a.xmp", "a.jpg.xmp"], ["a.jpg.xmp", "a.xmp"], "a.jpg.xmp"),
        ("a.jpg", ["A.JPG.XMP"], ["A.JPG.XMP"], "A.JPG.XMP"),
        ("A.JPG", ["a.xmp", "A.xmp"], ["A.xmp", "a.xmp"], "A.xmp"),
        ("a.jpg", ["A.JPG", "A.JPG.xmp"], [], "a.jpg.xmp"),
        ("a.jpg", ["a.cr2", "a.xmp"], [], "a.jpg.xmp"),
        ("a.cr2", ["a.jpg", "a.xmp"], ["a.xmp"], "a.xmp"),
        ("a.cr2", ["a.cr2.xmp"], ["a.cr2.xmp"], "a.cr2.xmp"),
        ("a.jpg", ["a.png", "a.xmp"], ["a.xmp"], "a.jpg.xmp"),
        ("é.jpg", ["e\u0301.jpg.xmp"], ["e\u0301.jpg.xmp"], "e\u0301.jpg.xmp"),
        ("a.b.jpg", ["a.xmp"], [], "a.b.jpg.xmp"),
        ("a", ["a.xmp"], ["a.xmp"], "a.xmp"),
        ("a.jpg", ["a.jpg.xmp.bak", "b.xmp", "a.txt"], [], "a.jpg.xmp"),
    ],
)
def test_names(photo: str, others: list[str], sidecars: list[str], written: str) -> None:
    siblings = siblings_of([photo, *others])
    assert siblings.sidecars(photo) == sidecars
    assert target(photo, siblings) == written


def siblings_of(names: list[str]) -> Siblings:
    """As a folder with these names gives, also where the file system cannot have them all."""
    from unittest import mock

    with mock.patch("mien.photo.sidecars.os.listdir", return_value=names):
        return Siblings.of(Path("folder"))


def test_a_folder_that_is_not_there_has_no_sidecars(tmp_path: Path) -> None:
    assert Siblings.of(tmp_path / "none").sidecars("a.jpg") == []


def test_what_is_no_file_is_empty(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path) == b""
    assert read_sidecar(tmp_path / "none.xmp") == b""
