"""Copies of the family's photos: strangers cannot be recognised in them, whom one keeps stay as they are."""

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from starlette.testclient import TestClient

from mien.catalog import listing
from mien.catalog.library import Library
from mien.photo.reading import read_photo
from tests.family import eyes
from tests.family.album import (
    CHILD,
    FATHER,
    FRIEND,
    HEAD,
    MOTHER,
    NAMES,
    PARTY,
    POSTED,
    POSTER,
    STRANGER,
    STREET,
    Shot,
    box,
    shots,
)
from tests.family.conftest import Mien

SHOTS = {shot.at: shot for shot in shots()}
TOGETHER = SHOTS[STREET.replace(minute=30)]
"""The friend, who is a contact, and a stranger."""

Pixels = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine that is asked whether photos are current is that which saw them."""
    monkeypatch.setattr("mien.indexing.sharing.make_chain", eyes.make_chain)


def pixels(source: Path | bytes) -> Pixels:
    return np.asarray(Image.open(source if isinstance(source, Path) else io.BytesIO(source)).convert("RGB"))


def heads(shot: Shot, picture: Pixels) -> dict[str, Pixels]:
    """Everybody's head in a picture of that photo, by who it is."""
    found = {}
    for column in shot.columns:
        left, top, right, bottom = box(shot, column)
        found[column.who] = picture[top : top + int((bottom - top) * HEAD), left:right].astype(int)
    return found


def hidden(shot: Shot, original: Path, copy: Pixels) -> set[str]:
    """Who is hidden: nothing of the head is left. Of whoever is not, every px is."""
    before, after = heads(shot, pixels(original)), heads(shot, copy)
    gone = {who for who in before if np.abs(before[who] - after[who]).max(axis=2).min() > 0}
    assert all((before[who] == after[who]).all() for who in before.keys() - gone)
    return gone


@pytest.mark.parametrize(
    ("at", "options", "expected"),
    [
        (STREET, (), {MOTHER, STRANGER}),
        (STREET.replace(minute=30), (), {STRANGER}),
        (STREET.replace(minute=30), ("--nobody",), {FRIEND, STRANGER}),
        (STREET, ("--keep", "Anna", "--style", "fill"), {STRANGER}),
        (PARTY, ("--keep", "Anna", "--keep", "Cem", "--style", "pixelate"), {FATHER, FRIEND}),
        (PARTY, ("--keep", "Cem", "--style", "silhouette"), {MOTHER, FATHER, FRIEND}),
    ],
)
def test_who_is_kept_is_untouched_and_who_is_not_is_gone(
    mien: Mien, photos: Path, tmp_path: Path, at, options: tuple[str, ...], expected: set[str]
) -> None:
    shot = SHOTS[at]
    before = {photo.name: photo.read_bytes() for photo in photos.iterdir()}
    (row,) = (
        json.loads(line)
        for line in mien("share", photos / shot.name, "--to", tmp_path, *options, "--json").splitlines()
    )
    assert (row["lacks"], row["error"], row["hidden"]) == ([], None, len(expected))
    assert set(row["kept"]) == {NAMES[who] for column in shot.columns if (who := column.who) not in expected}
    copy = Path(row["file"])
    assert hidden(shot, photos / shot.name, pixels(copy)) == expected
    metadata = read_photo(copy).metadata
    assert (metadata.taken, metadata.focal_length_35mm, metadata.place) == (None, None, None)
    assert {photo.name: photo.read_bytes() for photo in photos.iterdir()} == before


def test_a_face_on_a_poster_is_a_stranger(mien: Mien, photos: Path, tmp_path: Path) -> None:
    """Which nobody indexed: indexing saw the mother alone."""
    shot = SHOTS[POSTER]
    said = mien("share", photos / shot.name, "--to", tmp_path, "--keep", "Anna", "--json")
    row = json.loads(said)
    assert (row["kept"], row["hidden"], row["others"] >= 1) == (["Anna"], 0, True)
    before, after = pixels(photos / shot.name), pixels(Path(row["file"]))
    face = np.s_[90:160, 70:120]  # of the poster
    assert (np.abs(before[POSTED][face].astype(int) - after[POSTED][face]).max(axis=2) > 0).mean() > 0.9
    assert hidden(shot, photos / shot.name, after) == set()


def test_several_photos_are_shared_in_both_languages(mien: Mien, photos: Path, tmp_path: Path) -> None:
    some = [photos / shot.name for shot in (SHOTS[PARTY], SHOTS[STREET], TOGETHER)]
    words = mien("share", *some, "--to", tmp_path / "en", "--preview")
    assert words.count("photo-00") == len(some)
    assert "Dana" in words
    chinese = mien("share", some[0], "--to", tmp_path / "zh", language="zh")
    assert "Dana" in chinese
    assert re.search("[一-鿿]", chinese.replace("Dana", ""))
    assert len(list((tmp_path / "en").iterdir())) == len(some)


def test_in_the_browser(client: TestClient, library: Library, ids: dict[str, str], photos: Path) -> None:
    known = {Path(row.photo).name: row.photo_id or "" for row in listing.photos(library.catalog)}
    chosen = [known[SHOTS[PARTY].name], known[TOGETHER.name]]
    page = client.get(f"/share?photo={chosen[0]}&photo={chosen[1]}").text
    assert page.count("/share/preview.jpg?") == 2
    assert all(NAMES[who] in page for who in (MOTHER, FATHER, CHILD, FRIEND))
    answer = client.post("/share/copies", data={"photo": chosen, "keep": [ids[MOTHER], ids[FRIEND]]})
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        party, together = (pixels(archive.read(name)) for name in sorted(archive.namelist()))
    assert hidden(SHOTS[PARTY], photos / SHOTS[PARTY].name, party) == {FATHER, CHILD}
    assert hidden(TOGETHER, photos / TOGETHER.name, together) == {STRANGER}
