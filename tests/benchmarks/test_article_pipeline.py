"""The baseline of indexing does what the article's pipeline does, so that the comparison is a fair one."""

import base64
import json
import socket
import threading
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import uvicorn
from benchmarks.article.album import album, dominant_colour, instance_features, predict, unpack
from benchmarks.article.service import answer, application
from numpy.typing import NDArray
from PIL import Image

from benchmarks import article_pipeline
from mien.parsing.overlay import PALETTE
from mien.parsing.parse import PART_ID, Parse
from mien.traits.article import FEATURES, article_features
from mien.traits.describe import describe
from tests.traits.drawing import BODY, Drawing

PHOTO, PARSE = Drawing().draw()
WIDTH, HEIGHT = 2 * PARSE.size[0], 2 * PARSE.size[1]
PARTS = sorted(PART_ID[part] for part in BODY)


class Drawn:
    """A parser that sees the drawing wherever it looks, but nobody in the dark."""

    fingerprint = "drawn"

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        return PARSE if pixels.mean() > 10 else Parse.empty(*PARSE.size)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The service on localhost."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application(Drawn()), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """The drawing at twice the parse's size."""
    path = tmp_path / "photo.png"
    Image.fromarray(PHOTO.pixels).resize((WIDTH, HEIGHT), Image.Resampling.NEAREST).save(path)
    return path


def picture(encoded: str) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(base64.b64decode(encoded), np.uint8), cv2.IMREAD_UNCHANGED))


def test_nobody_has_no_masks() -> None:
    found = answer(Parse.empty(8, 6), 80, 60)
    assert found["masks"] == []
    assert picture(found["visualization"]).shape == (60, 80, 3)


def test_every_part_is_a_binary_mask_of_the_photo_s_size() -> None:
    found = json.loads(json.dumps(answer(PARSE, WIDTH, HEIGHT)))
    assert [mask["category_id"] for mask in found["masks"]] == PARTS
    colours = picture(found["visualization"])
    for mask in found["masks"]:
        pixels = picture(mask["mask"])
        assert pixels.shape == (HEIGHT, WIDTH)
        assert set(np.unique(pixels)) == {0, 255}
        assert np.count_nonzero(pixels) == 4 * PARSE.areas[0, mask["category_id"]]
        assert mask["confidence"] == pytest.approx(0.9)
        assert (colours[pixels > 0] == PALETTE[mask["category_id"]][::-1]).all()


def test_masks_pass_over_http(url: str, photo: Path) -> None:
    categories, masks, took = predict(url, photo.read_bytes(), photo.name)
    assert categories == PARTS
    assert 0 < took < 10
    for mask, sent in zip(masks, answer(PARSE, WIDTH, HEIGHT)["masks"], strict=True):
        assert np.array_equal(mask, unpack(sent["mask"]))


@pytest.mark.parametrize("junk", [b"", b"\r\n--\r\n", b"GIF89a"])
def test_junk_is_refused(url: str, junk: bytes) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        predict(url, junk, "junk.jpg")
    assert refused.value.code == 400
    assert "error" in json.load(refused.value)


def test_from_files_to_people(url: str, photo: Path, tmp_path: Path) -> None:
    dark = tmp_path / "dark.png"
    Image.new("RGB", (60, 40)).save(dark)
    found = album(url, [photo, dark, photo])
    assert found.photos == 3
    # The article's rule cuts one body into pieces; each looks the same in both photos, so none is left alone.
    assert found.figures > 2
    assert 1 <= found.people <= found.figures / 2
    assert min(found.parse, found.masks, found.features, found.cluster) > 0


def test_an_album_without_people(url: str, tmp_path: Path) -> None:
    dark = tmp_path / "dark.png"
    Image.new("RGB", (60, 40)).save(dark)
    found = album(url, [dark])
    assert (found.figures, found.people) == (0, 0)


def features(drawing: Drawing) -> dict[str, float]:
    photo, parse = drawing.draw()
    parts = [int(part) for part in np.unique(parse.parts) if part]
    row = instance_features(photo.pixels, parts, [parse.mask(0, part) for part in parts])
    return dict(zip(FEATURES, row.tolist(), strict=True))


def test_a_whole_body_has_the_features_that_the_named_baseline_gives_it() -> None:
    named = article_features(PHOTO, PARSE, describe(PHOTO, PARSE, [None]))[0]
    expected = dict(zip(FEATURES, named.tolist(), strict=True))
    expected.pop("feminine-style")  # Mien sees hair and trousers; masks alone tell skirts only
    found = features(Drawing())
    assert found.pop("feminine-style") == 0
    assert found == pytest.approx(expected, abs=1e-3)


def test_what_is_worn_has_a_mask() -> None:
    worn = Drawing().without("pants", "left-shoe", "right-shoe").wear("skirt", (150, 220, 54, 106))
    found = features(worn.wear("hat", (6, 24, 60, 100)).wear("sunglasses", (30, 36, 68, 92)))
    assert found["has-hat"] == found["wears-glasses"] == found["skirt-or-dress"] == found["feminine-style"] == 1
    assert found["shoe-type"] == 0
    assert features(Drawing())["shoe-type"] == 1


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        ([], (128, 128, 128)),
        ([[1, 2, 3]], (1, 2, 3)),
        ([[10, 0, 0]] * 3 + [[0, 200, 0]] * 5 + [[0, 0, 90]] * 2, (0, 200, 0)),
        ([[255, 255, 255]] * 60_000 + [[0, 0, 0]] * 40_000, (255, 255, 255)),
    ],
)
def test_dominant_colour(pixels: list[list[int]], expected: tuple[float, ...]) -> None:
    assert dominant_colour(np.array(pixels, np.uint8).reshape(-1, 3)) == pytest.approx(expected)


def test_the_whole_baseline_runs_as_two_processes() -> None:
    run = article_pipeline.measure(people=1, photos=1)
    assert run.found.photos == 1
    assert run.found.figures >= 1
    assert run.seconds > run.found.parse + run.found.masks + run.found.features
    assert min(run.service_bytes, run.album_bytes) > 50 * 2**20
    assert str(run).startswith(f"{run.seconds * 1000:.0f} ms (parse ")
