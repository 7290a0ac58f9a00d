"""The studio: pictures from originals, by a process that whatever is in a file may end."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.catalog.library import Library
from mien.errors import WorkerLost
from mien.indexing import upkeep
from mien.indexing.indexer import index
from mien.web.pictures import darkroom, studio
from mien.web.pictures.darkroom import PREVIEW
from mien.web.pictures.studio import Shown, Studio
from tests.indexing.fake import COLOURS, GREY, make_fake
from tests.indexing.inline import Inline

WIDTH, HEIGHT = 1024, 768


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """A photo in which Anna and Bob stand far away and Cem near; its thumbnail shows the first two too small."""
    pixels = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    for name, left, top, width in (("anna", 100, 300, 30), ("bob", 200, 300, 30), ("cem", 500, 50, 300)):
        pixels[top : top + 2 * width, left : left + width] = COLOURS[name]
    path = tmp_path / "album" / "crowd.png"
    path.parent.mkdir()
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def own(tmp_path: Path, crowd: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "own") as opened:
        index(opened, [crowd.parent], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
        yield opened


@pytest.fixture
def at_work(own: Library) -> Iterator[Studio]:
    made = Studio(own)
    yield made
    made.close()


def photo_id_of(library: Library) -> str:
    with library.catalog.read() as connection:
        return str(connection.execute("SELECT photo_id FROM photos").fetchone()[0])


def figures_of(library: Library) -> list[str]:
    """From left to right."""
    with library.catalog.read() as connection:
        return [figure_id for (figure_id,) in connection.execute("SELECT figure_id FROM figures ORDER BY x0")]


def preview(studio: Studio, photo_id: str) -> Shown | None:
    return asyncio.run(studio.preview(photo_id))


def portrait(studio: Studio, figure_id: str) -> Shown | None:
    sitter = studio.sitter(figure_id)
    assert sitter is not None
    return asyncio.run(studio.portrait(sitter))


def pixels_of(picture: Shown | None) -> NDArray[np.uint8]:
    assert picture is not None
    shown = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    return np.asarray(shown[..., ::-1], np.uint8)


def is_centred_on(picture: Shown | None, name: str) -> bool:
    pixels = pixels_of(picture)
    centre = pixels[len(pixels) // 2, pixels.shape[1] // 2].astype(int)
    return bool((np.abs(centre - COLOURS[name]) < 40).all())


def replace(path: Path, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
    """Someone edits the file; no index run has noticed yet."""
    Image.fromarray(np.full((*size[::-1], 3), (250, 250, 0), np.uint8)).save(path)


def test_what_is_not_known_has_no_picture(at_work: Studio) -> None:
    assert preview(at_work, "0" * 64) is None
    assert at_work.sitter("0" * 16 + "-1") is None


def test_a_preview_is_the_original_at_the_size_of_a_screen(at_work: Studio, own: Library) -> None:
    shown = preview(at_work, photo_id_of(own))
    assert pixels_of(shown).shape == (HEIGHT, WIDTH, 3)  # never enlarged
    assert shown is not None
    assert shown.is_final


@pytest.mark.parametrize(("long_side", "shown"), [(1500, 1500), (2048, 2048), (2100, 2048), (3200, 1600), (5000, 2048)])
def test_a_preview_is_sharp_whatever_the_size(tmp_path: Path, long_side: int, shown: int) -> None:
    path = tmp_path / "wide.jpg"
    replace(path, (long_side, 40))
    key = darkroom.read_photo(path).key
    jpeg = darkroom.preview(key, [str(tmp_path / "gone.jpg"), str(path)])
    assert jpeg is not None
    assert pixels_of(Shown(jpeg, is_final=True)).shape[1] == shown <= PREVIEW


def test_portraits_of_one_photo_are_made_together_and_kept(at_work: Studio, own: Library, crowd: Path) -> None:
    anna, bob, cem = figures_of(own)
    assert is_centred_on(portrait(at_work, anna), "anna")
    crowd.unlink()
    shown = portrait(at_work, bob)
    assert is_centred_on(shown, "bob")
    assert shown is not None
    assert shown.is_final
    assert len(own.blobs.names("portraits")) == 3
    assert is_centred_on(portrait(at_work, cem), "cem")


def test_who_stands_near_is_cut_from_the_thumbnail(
    at_work: Studio, own: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "LocalExecutor", None)  # no process is asked
    shown = portrait(at_work, figures_of(own)[2])
    assert shown is not None
    assert shown.is_final
    assert is_centred_on(shown, "cem")


@pytest.mark.parametrize("harm", ["unlink", "edit", "break"])
def test_where_the_original_is_away_the_thumbnail_stands_in(
    at_work: Studio, own: Library, crowd: Path, harm: str
) -> None:
    if harm == "unlink":
        crowd.unlink()
    elif harm == "edit":
        replace(crowd)
    else:
        crowd.write_bytes(crowd.read_bytes()[:200])
    whole, anna = preview(at_work, photo_id_of(own)), portrait(at_work, figures_of(own)[0])
    assert pixels_of(whole).shape == (384, 512, 3)
    assert is_centred_on(anna, "anna")
    for shown in (whole, anna):
        assert shown is not None
        assert not shown.is_final
    assert own.blobs.names("portraits") == set()


def test_a_copy_elsewhere_will_do(at_work: Studio, own: Library, crowd: Path) -> None:
    copy = Path(shutil.copy(crowd, crowd.parent / "a copy.png"))
    index(own, [crowd.parent], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    replace(copy)
    assert pixels_of(preview(at_work, photo_id_of(own))).shape == (HEIGHT, WIDTH, 3)


def crash(photo_id: str, paths: list[str], *_: object) -> None:
    """In place of a decoder that a file is too much for."""
    me = psutil.Process()
    with Path(paths[0]).with_suffix(".tries").open("a") as tries:
        tries.write("x")
    me.kill()


def test_a_file_that_ends_the_process_is_tried_twice_and_no_more(
    at_work: Studio, own: Library, crowd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(darkroom, "preview", crash)
    for _ in range(3):
        assert pixels_of(preview(at_work, photo_id_of(own))).shape == (384, 512, 3)
    assert crowd.with_suffix(".tries").read_text() == "xx"
    other = crowd.parent / "other.png"
    replace(other, (600, 600))
    index(own, [other], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    monkeypatch.undo()
    (other_id,) = own.blobs.names("thumbnails") - {photo_id_of(own)}
    assert pixels_of(preview(at_work, other_id)).shape == (600, 600, 3)


@pytest.mark.parametrize(
    ("code", "tries"), [("worker-slow", 1), ("worker-memory", 1), ("worker-died", 2), ("worker-start", 4)]
)
def test_a_photo_is_given_up_for_what_it_did_itself(
    at_work: Studio, own: Library, monkeypatch: pytest.MonkeyPatch, code: str, tries: int
) -> None:
    asked = []

    async def lose(*order: Any, **_: Any) -> None:
        asked.append(order)
        raise WorkerLost(code)

    with monkeypatch.context() as short:
        short.setattr(at_work._orders, "made", lose)
        for _ in range(4):
            shown = preview(at_work, photo_id_of(own))
            assert shown is not None
            assert not shown.is_final
    assert len(asked) == tries
    if code == "worker-start":
        assert pixels_of(preview(at_work, photo_id_of(own))).shape == (HEIGHT, WIDTH, 3)


def test_the_process_loads_no_networks() -> None:
    script = "import sys, mien.indexing.local, mien.web.pictures.darkroom; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    )
    assert "mien.photo.reading" in loaded
    assert not {"onnxruntime", "mien.vision.session", "scipy", "fastapi", "sqlite3"} & loaded


def test_tidying_drops_portraits_of_what_is_no_more(at_work: Studio, own: Library, crowd: Path) -> None:
    assert portrait(at_work, figures_of(own)[0]) is not None
    own.blobs.write("portraits", "ab" * 20, b"of a figure that a new parse does not see")
    upkeep.tidy(own)
    kept = own.blobs.names("portraits")
    assert len(kept) == 3
    assert "ab" * 20 not in kept
    index(own, [crowd.parent], engine="fake-2", jobs=1, executor=Inline(), make_chain=make_fake)
    assert own.blobs.names("portraits") == set()


def test_closing_ends_the_process(own: Library) -> None:
    made = Studio(own)
    assert preview(made, photo_id_of(own)) is not None
    made.close()
    made.close()
    assert not [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
    shown = preview(made, photo_id_of(own))
    assert shown is not None
    assert not shown.is_final
