"""`POST /upload`: photos become new files of the library, whole or not at all, and nothing else does."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import unicodedata
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import httpx2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from starlette.testclient import TestClient

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing.indexer import index
from mien.indexing.stages import make_chain
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.services import upload, uploads
from mien.web.services.uploads import Examined, Uploads, stem_of, suffix_of
from tests.indexing import fake
from tests.indexing.fake import make_fake
from tests.indexing.inline import Inline
from tests.web.conftest import ADDRESS, served
from tests.web.test_predict import JUNK

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.fixture
def program(empty: Album) -> TestClient:
    return TestClient(create_app(empty), base_url=ADDRESS, headers={"Accept-Language": "en"}, follow_redirects=False)


SHADES = iter(range(1, 250))


def new_photo(tmp_path: Path, people: dict[str, int] | None = None, **options: Any) -> bytes:
    """One that no other test has."""
    return fake.photo_of(tmp_path / "new.png", people or {}, shade=next(SHADES), **options).read_bytes()


def sent(visitor: TestClient, data: bytes, name: str = "photo.png", **headers: str) -> httpx2.Response:
    return visitor.post("/upload", files={"image": (name, data)}, headers=headers)


def kept(library: Library) -> list[Path]:
    """All files among the uploads."""
    return sorted(path for path in library.uploads.rglob("*") if path.is_file())


def test_a_photo_is_kept_and_who_is_on_it_is_told(client: TestClient, album: Album, tmp_path: Path) -> None:
    data = new_photo(tmp_path, {"anna": 10, "eve": 90}, taken=datetime.fromisoformat("2024-05-18T09:00:00"))
    response = sent(client, data, "IMG_1234.png")
    assert response.status_code == 200, response.text
    told = response.json()
    photo_id = told["photo_id"]
    assert {key: told[key] for key in ("name", "known", "photo", "width", "height", "taken_at")} == {
        "name": "IMG_1234.png", "known": False, "photo": f"/photos/{photo_id}", "width": 160, "height": 120,
        "taken_at": "2024-05-18T09:00:00",
    }  # fmt: skip
    (path,) = kept(album.library)
    assert path.read_bytes() == data
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    rows = listing.figures(album.library.catalog, photo_id=photo_id)
    assert [figure["figure_id"] for figure in told["figures"]] == [row.figure_id for row in rows]
    anna, eve = told["figures"]
    assert anna["box"] == [10, 20, 40, 110]
    assert anna["face"]["box"][:2] == [10, 20]
    assert anna["traits"]
    (known,) = {row.person_id for row in listing.figures(album.library.catalog) if Path(row.photo).name == "swim.png"}
    assert anna["person_id"] == known
    assert eve["person_id"] == eve["figure_id"], "a new face is somebody new"
    assert client.get(told["photo"], headers={"Accept": "text/html"}).status_code == 200


def test_a_photo_that_the_library_has_is_not_kept_twice(program: TestClient, empty: Album, tmp_path: Path) -> None:
    data = new_photo(tmp_path, {"anna": 10})
    first = sent(program, data, "a.png").json()
    files = kept(empty.library)
    again = sent(program, data, "another name.png")
    assert again.status_code == 200
    assert again.json() == first | {"known": True}
    assert kept(empty.library) == files
    (path,) = [path for path in files if path.name == first["name"]]
    path.unlink()
    restored = sent(program, data, "a.png").json()
    assert (restored["known"], restored["photo_id"]) == (False, first["photo_id"])
    assert kept(empty.library) == files


def test_a_photo_known_from_a_folder_is_recognised(client: TestClient, album: Album, photos: Path) -> None:
    told = sent(client, (photos / "beach.png").read_bytes(), "x.png").json()
    assert told["known"]
    assert told["name"] in ("beach.png", "beach again.png")
    assert len(told["figures"]) == 2, "once, although two files hold it"
    assert kept(album.library) == []


def test_a_photo_that_is_only_remembered_is_kept(client: TestClient, album: Album, tmp_path: Path) -> None:
    """Its file was overwritten since it was indexed: nothing else holds the photo that comes now."""
    data, other = new_photo(tmp_path, {"anna": 10}), new_photo(tmp_path, {"bob": 10})
    path = tmp_path / "folder" / "a.png"
    path.parent.mkdir()
    path.write_bytes(data)
    index(album.library, [path.parent], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    assert sent(client, data).json()["known"]
    path.write_bytes(other)
    told = sent(client, data, "back.png").json()
    assert not told["known"]
    (file,) = kept(album.library)
    assert file.read_bytes() == data
    assert str(file) in [row.photo for row in listing.photos(album.library.catalog)], "the library knows of it at once"
    file.write_bytes(other)
    assert not sent(client, data, "back.png").json()["known"]
    assert data in [file.read_bytes() for file in kept(album.library)]


def test_a_drive_that_sleeps_keeps_nobody_else_waiting(
    client: TestClient, album: Album, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep, awake = threading.Event(), threading.Event()
    original = Path.stat

    def stat(path: Path, **options: Any) -> os.stat_result:
        if path.is_relative_to(photos):
            asleep.set()
            awake.wait(60)
        return original(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    told: list[dict[str, Any]] = []
    data = (photos / "swim.png").read_bytes()
    sleeper = threading.Thread(target=lambda: told.append(sent(client, data).json()))
    sleeper.start()
    assert asleep.wait(60)
    receiver, arrived = album.uploads, album.uploads.expect()
    with fake.photo_of(tmp_path / "b.png", {}).open("rb") as source:
        receiver.receive(source, arrived)
    keeping = threading.Thread(target=lambda: receiver.keep(arrived, "b.png", Examined("b" * 64, "PNG")), daemon=True)
    keeping.start()
    keeping.join(20)
    is_kept = not keeping.is_alive()
    awake.set()
    sleeper.join()
    assert is_kept
    assert told[0]["known"]


def test_the_same_photo_twice_at_once_is_kept_once(program: TestClient, empty: Album, tmp_path: Path) -> None:
    data, told = new_photo(tmp_path, {"bob": 10}), list[dict[str, Any]]()
    before = len(kept(empty.library))
    visitors = [threading.Thread(target=lambda: told.append(sent(program, data).json())) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len({one["photo_id"] for one in told}) == 1
    assert sorted(one["known"] for one in told) == [False, True, True, True]
    assert all(len(one["figures"]) == 1 for one in told)
    assert len(kept(empty.library)) == before + 1


def test_equal_names_stand_beside_each_other(program: TestClient, tmp_path: Path) -> None:
    names = [sent(program, new_photo(tmp_path), "party.png").json()["name"] for _ in range(3)]
    assert names == ["party.png", "party (2).png", "party (3).png"]


def test_many_one_after_the_other_are_all_there(program: TestClient, empty: Album, tmp_path: Path) -> None:
    photos = [new_photo(tmp_path, {"cem": 10 + n}) for n in range(6)]
    told = [sent(program, photo, f"{n}.png").json() for n, photo in enumerate(photos)]
    assert all(len(one["figures"]) == 1 for one in told)
    ids = {one["photo_id"] for one in told}
    assert len({row.person_id for row in listing.figures(empty.library.catalog) if row.photo_id in ids}) == 1


@pytest.mark.parametrize("what", list(JUNK))
def test_junk_is_refused_and_leaves_nothing(program: TestClient, empty: Album, what: str) -> None:
    data, name, status = JUNK[what]
    if what == "many pixels":
        status = 422  # indexing takes so many; but they are not all there
    before = kept(empty.library)
    response = sent(program, data, name)
    assert response.status_code == status, response.text
    assert list(response.json()) == ["error"]
    assert kept(empty.library) == before


@pytest.mark.parametrize("form", [{}, {"data": {"image": "not a file"}}, {"files": {"photo": ("a.png", b"x")}}])
def test_a_form_without_a_photo_is_refused(program: TestClient, form: dict[str, Any]) -> None:
    response = program.post("/upload", **form)
    assert (response.status_code, list(response.json())) == (422, ["error"])
    assert "image" in response.json()["error"]


def test_a_photo_that_is_not_understood_is_kept_and_listed(program: TestClient, empty: Album, tmp_path: Path) -> None:
    data = new_photo(tmp_path, {"anna": 10}, corner=fake.RAISE)
    for _ in range(2):  # sent again it is tried again, not kept again
        response = sent(program, data, "odd.png")
        assert (response.status_code, list(response.json())) == (500, ["error"])
        assert "nobody thought of" in response.json()["error"]
        assert [path.name for path in kept(empty.library)].count("odd.png") == 1
    (row,) = [row for row in listing.photos(empty.library.catalog) if row.photo.endswith("odd.png")]
    assert row.error


def test_a_photo_that_ruins_its_worker_is_an_error(program: TestClient, empty: Album, tmp_path: Path) -> None:
    data = new_photo(tmp_path, {"anna": 10}, corner=fake.CRASH)
    response = sent(program, data, "crash.png")
    assert (response.status_code, list(response.json())) == (500, ["error"])
    assert "crash.png" in response.json()["error"]
    assert sent(program, new_photo(tmp_path, {"anna": 10})).status_code == 200


def test_several_at_once(program: TestClient, tmp_path: Path) -> None:
    parts = [
        ("image", ("a.png", new_photo(tmp_path, {"anna": 10}))),
        ("image", ("b.png", b"no photo")),
        ("image", ("c.png", new_photo(tmp_path, {"bob": 10}))),
    ]
    response = program.post("/upload", files=parts)
    assert response.status_code == 200
    first, second, third = response.json()["photos"]
    assert [len(one["figures"]) for one in (first, third)] == [1, 1]
    assert list(second) == ["error"]
    refused = program.post("/upload", files=parts[1:2] * 2)
    assert refused.status_code == 415
    assert [list(one) for one in refused.json()["photos"]] == [["error"], ["error"]]


def test_a_form_of_a_page_goes_on_to_the_photo(client: TestClient, tmp_path: Path) -> None:
    page = {"Accept": "text/html,*/*"}
    one, other = new_photo(tmp_path, {"anna": 10}), new_photo(tmp_path, {"bob": 10})
    response = sent(client, one, **page)
    assert response.status_code == 303
    assert re.fullmatch("/photos/[0-9a-f]{64}", response.headers["location"])
    both = client.post("/upload", files=[("image", ("a.png", one)), ("image", ("b.png", other))], headers=page)
    assert (both.status_code, both.headers["location"]) == (303, "/")
    mixed = client.post("/upload", files=[("image", ("a.png", one)), ("image", ("b.png", b"x"))], headers=page)
    assert mixed.status_code == 415
    assert "1 of 2" in mixed.text
    assert sent(client, b"no photo", **page).headers["content-type"].startswith("text/html")


def test_a_page_of_another_site_cannot_send(program: TestClient, empty: Album, tmp_path: Path) -> None:
    before = kept(empty.library)
    assert sent(program, new_photo(tmp_path), Origin="https://elsewhere.example").status_code == 403
    assert sent(program, new_photo(tmp_path), Origin=ADDRESS).status_code == 403, "no token"
    assert kept(empty.library) == before


def test_while_another_program_indexes_it_is_kept_for_later(client: TestClient, album: Album, tmp_path: Path) -> None:
    data = new_photo(tmp_path, {"anna": 10})
    with Library.open(album.library.folder) as other, other.indexing():
        response = sent(client, data, "later.png")
        assert response.status_code == 202
        told = response.json()
        assert (told["name"], told["known"]) == ("later.png", False)
        assert "Another program" in told["waiting"]
        assert sent(client, data, "later.png").json()["known"]
        assert len(kept(album.library)) == 1
    done = sent(client, data, "later.png").json()
    assert done["photo_id"] == told["photo_id"]
    assert len(done["figures"]) == 1


def test_who_has_waited_long_is_told_that_it_is_kept(
    program: TestClient, empty: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PATIENCE", 0.0)
    response = sent(program, new_photo(tmp_path, {"anna": 10}), "patience.png")
    assert response.status_code == 202
    assert "soon" in response.json()["waiting"]


def test_a_full_disk_is_told_and_leaves_nothing(
    program: TestClient, empty: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = kept(empty.library)
    for function in ("fsync", "link"):
        with monkeypatch.context() as disk:
            disk.setattr(os, function, full)
            response = sent(program, new_photo(tmp_path))
        assert (response.status_code, list(response.json())) == (507, ["error"])
        assert kept(empty.library) == before


def test_a_full_disk_is_told_while_a_photo_still_arrives(
    program: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("starlette.formparsers.SpooledTemporaryFile.write", full, raising=False)
    response = sent(program, new_photo(tmp_path))
    assert (response.status_code, list(response.json())) == (507, ["error"])


def test_a_disk_without_links_keeps_photos_too(
    program: TestClient, empty: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    names = [sent(program, new_photo(tmp_path), "fat.png").json()["name"] for _ in range(2)]
    assert names == ["fat.png", "fat (2).png"]


def test_a_disk_without_links_keeps_every_other_file(
    program: TestClient, empty: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that another program puts there at the last moment."""
    first = sent(program, new_photo(tmp_path), "first.png").json()["name"]
    (beside,) = [path for path in kept(empty.library) if path.name == first]
    contested = beside.with_name("contested.png")

    def just_before(call: Any) -> Any:
        def called(*args: Any, **options: Any) -> Any:
            if contested in args and not contested.exists():
                contested.write_bytes(b"of another program")
            return call(*args, **options)

        return called

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    for function in ("open", "rename", "replace"):
        monkeypatch.setattr(os, function, just_before(getattr(os, function)))
    assert sent(program, new_photo(tmp_path), "contested.png").json()["name"] == "contested (2).png"
    assert contested.read_bytes() == b"of another program"
    contested.unlink()


def test_a_name_that_could_not_be_given_is_free_again(
    program: TestClient, empty: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    before = kept(empty.library)
    for function in ("link", "rename", "replace"):
        monkeypatch.setattr(os, function, refuse)
    assert sent(program, new_photo(tmp_path), "unlucky.png").status_code == 503
    assert kept(empty.library) == before


def test_what_killed_servers_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        arriving = library.uploads / uploads.ARRIVING
        arriving.mkdir(parents=True)
        (arriving / "old").write_bytes(b"half a photo")
        (arriving / "of another server").write_bytes(b"half a photo")
        os.utime(arriving / "old", (0, 0))
        receiver = Uploads(library)
        arrived = receiver.expect()
        with fake.photo_of(tmp_path / "a.png", {}).open("rb") as source:
            receiver.receive(source, arrived)
        assert {path.name for path in arriving.iterdir()} == {"of another server", arrived.name}
        receiver.drop(arrived)
        assert {path.name for path in arriving.iterdir()} == {"of another server"}


def test_what_a_killed_server_kept_is_not_kept_twice(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        kept_by: list[uploads.Kept] = []
        for shade in (10, 10, 20):  # three servers, none of which came to index
            receiver = Uploads(library)
            arrived = receiver.expect()
            with fake.photo_of(tmp_path / "a.png", {}, shade=shade).open("rb") as source:
                receiver.receive(source, arrived)
            kept_by.append(receiver.keep(arrived, "a.png", Examined(str(shade) * 32, "PNG")))
            receiver.drop(arrived)
        assert [one.known for one in kept_by] == [False, True, False]
        assert [path.name for path in kept(library)] == ["a (2).png", "a.png"]


SEND = """
import sys, threading
from pathlib import Path
from mien.catalog.library import Library
from mien.web.services.uploads import Examined, Uploads

class Slow:
    def __init__(self, data): self.data = data
    def read(self, size):
        print("reading", flush=True)
        piece, self.data = self.data[:1000], self.data[1000:]
        return piece

with Library.open(sys.argv[1]) as library:
    uploads = Uploads(library)
    for number in range(10**6):
        arrived = uploads.expect()
        uploads.receive(Slow(Path(sys.argv[2]).read_bytes()), arrived)
        uploads.keep(arrived, f"{number}.png", Examined(str(number), "PNG"))
        uploads.drop(arrived)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_kill_leaves_no_half_photo(tmp_path: Path) -> None:
    photo = fake.photo_of(tmp_path / "a.png", {"anna": 10}, comment="x" * 9000)
    chance = np.random.default_rng()
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", SEND, str(tmp_path / "library"), str(photo)],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        ) as process:  # fmt: skip
            assert process.stdout is not None
            for _ in range(30):
                process.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
    with Library.open(tmp_path / "library") as library:
        summary = index(library, engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
        assert not summary.errors
        whole = [path for path in kept(library) if path.parent.name != uploads.ARRIVING]
        assert summary.files == len(whole) > 0
        assert {path.read_bytes() for path in whole} == {photo.read_bytes()}


FIT = {
    "": "photo", "holiday.jpg": "holiday", "IMG_20240501_101530.HEIC": "IMG_20240501_101530",
    "照片 (1).jpg": "照片 (1)",
    "../../etc/passwd.jpg": "passwd", "C:\\Users\\me\\a b.jpg": "a b", "/": "photo", "..": "photo", ".jpg": "jpg",
    "a\0b\r\nc.jpg": "ab c", "CON.jpg": "_CON", "nul": "_nul", "com1.old.png": "_com1.old", "LPT¹.png": "_LPT¹",
    "annual.png": "annual", "trailing . .png": "trailing", "  spaces  .png": "spaces", ".hidden.png": "hidden",
    '<a>:"b"|?*.png': "-a---b----", "\u202egnp.exe.jpg": "gnp.exe", "e\u0301te\u0301.jpg": "\u00e9t\u00e9",
    "a\u2028b.jpg": "a b", "\ud800.jpg": "photo", "x" * 300 + ".jpg": "x" * 120, "照" * 100 + ".jpg": "照" * 40,
}  # fmt: skip


@pytest.mark.parametrize("name", list(FIT))
def test_names_are_made_fit(name: str) -> None:
    assert stem_of(name) == FIT[name]


@given(st.text())
@example("aux.tar.gz")
@example("\u202e/..\\con .")
def test_every_name_is_made_fit(name: str) -> None:
    stem = stem_of(name)
    file = f"{stem} (12).jpg"
    assert PurePosixPath(file).name == PureWindowsPath(file).name == file
    assert stem == stem.strip(". ")
    assert stem
    assert len(file.encode()) <= 140
    assert not any(unicodedata.category(character)[0] == "C" for character in file)
    assert not re.search(r'[<>:"/\\|?*]', file)
    assert not uploads.RESERVED.fullmatch(stem)
    assert stem_of(f"{stem}.jpg") == stem


@pytest.mark.parametrize(
    ("name", "file_format", "suffix"),
    [
        ("a.jpeg", "JPEG", ".jpg"), ("a.png", "JPEG", ".jpg"), ("a", "HEIF", ".heic"), ("a.exe", "PNG", ".png"),
        ("a.NEF", "RAW", ".nef"), ("a.jpg", "RAW", ".dng"), ("a.TGA", "TGA", ".tga"), ("a.jpg", "ICO", ".ico"),
        ("a.ras", "SUN", ".ras"), ("a.MPO", "MPO", ".jpg"), ("a", "FITS", ".fits"),
    ],
)  # fmt: skip
def test_suffixes_say_what_is_inside(name: str, file_format: str, suffix: str) -> None:
    assert suffix_of(name, file_format) == suffix


def test_what_is_called_wrongly_is_kept_under_the_right_suffix(program: TestClient, tmp_path: Path) -> None:
    assert sent(program, new_photo(tmp_path), "../../evil/\u202e.exe.jpg").json()["name"] == ".exe.png".strip(".")


def test_a_photo_of_another_program_s_folder_is_never_written_to(empty: Album, tmp_path: Path) -> None:
    """Even if its name is free no more by the time it is given."""
    receiver = Uploads(empty.library)
    photo = fake.photo_of(tmp_path / "a.png", {}, shade=251)
    first, second = (shutil.copy(photo, tmp_path / name) for name in ("1", "2"))
    one = receiver.keep(Path(first), "same.png", Examined("a" * 64, "PNG"))
    two = receiver.keep(Path(second), "same.png", Examined("b" * 64, "PNG"))
    assert (one.path.name, two.path.name) == ("same.png", "same (2).png")
    one.path.unlink()
    two.path.unlink()


def test_a_real_photo(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    """By the engine that ships."""
    Image.fromarray(astronaut).save(tmp_path / "a.jpg", quality=95)
    with Library.open(tmp_path / "library") as library, served(library, "lite", make_chain) as album:
        visitor = TestClient(create_app(album), base_url=ADDRESS)
        told = sent(visitor, (tmp_path / "a.jpg").read_bytes(), "IMG_20240501_101530.jpg").json()
    (woman,) = told["figures"]
    assert told["taken_at"] == "2024-05-01T10:15:30"
    assert woman["face"] is not None
    assert woman["person_id"] == woman["figure_id"]
    assert woman["traits"]["upper"]["garment"]
