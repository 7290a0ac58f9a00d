"""`POST /predict`: the article's contract, whatever arrives."""

import base64
import io
import json
import struct
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import cv2
import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from starlette.datastructures import UploadFile
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.indexing.stages import make_chain
from mien.parsing.overlay import COLOURS
from mien.parsing.parse import PART_ID
from mien.photo.formats import HEADER_BYTES
from mien.photo.limits import Limits
from mien.photo.pixels import upright
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.background import workers
from mien.web.services import predict
from tests.indexing import fake
from tests.web.conftest import ADDRESS, served

CLOTHES, FACE = PART_ID["upper-clothes"], PART_ID["face"]


@pytest.fixture
def program(empty: Album) -> TestClient:
    """A program: nothing in its requests comes from a browser."""
    return TestClient(create_app(empty), base_url=ADDRESS, headers={"Accept-Language": "en"})


def sent(program: TestClient, data: bytes, name: str = "photo.png", **headers: str) -> httpx2.Response:
    return program.post("/predict", files={"image": (name, data)}, headers=headers)


def photo_bytes(folder: Path, people: dict[str, int], **options: Any) -> bytes:
    return fake.photo_of(folder / "photo.png", people, **options).read_bytes()


def mask_of(record: dict[str, Any]) -> NDArray[np.uint8]:
    """Decoded as the article does; other decoders must see the same."""
    data = base64.b64decode(record["mask"], validate=True)
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert image.mode == "L"
        pixels = np.asarray(image)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(pixels, decoded)
    assert set(np.unique(pixels)) <= {0, 255}
    return pixels


def colour_map(answer: dict[str, Any]) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(base64.b64decode(answer["visualization"], validate=True))) as image:
        assert image.format == "PNG"
        assert image.mode == "RGB"
        return np.asarray(image)


def test_the_answer_is_the_article_s(program: TestClient, tmp_path: Path) -> None:
    response = sent(program, photo_bytes(tmp_path, {"anna": 10, "bob": 90}))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert list(answer) == ["masks", "visualization"]
    assert [(m["person_id"], m["category_id"]) for m in answer["masks"]] == [
        (1, CLOTHES), (1, FACE), (2, CLOTHES), (2, FACE),
    ]  # fmt: skip
    for record in answer["masks"]:
        assert set(record) == {"category_id", "mask", "confidence", "person_id"}
        assert record["confidence"] == 0.9
        mask = mask_of(record)
        assert mask.shape == (fake.HEIGHT, fake.WIDTH)
        left = {1: 10, 2: 90}[record["person_id"]]
        rows = slice(20, 40) if record["category_id"] == FACE else slice(40, 110)
        expected = np.zeros_like(mask)
        expected[rows, left : left + 30] = 255
        assert np.array_equal(mask, expected)
    shown = colour_map(answer)
    assert tuple(shown[30, 20]) == COLOURS["face"]
    assert tuple(shown[60, 100]) == COLOURS["upper-clothes"]
    assert not shown[:, 45:90].any()


def test_red_is_not_blue(program: TestClient, tmp_path: Path) -> None:
    """Dana is yellow; in BGR she would be of a colour that the fake network knows nobody by."""
    assert len(sent(program, photo_bytes(tmp_path, {"dana": 10})).json()["masks"]) == 2


def test_nobody(program: TestClient, tmp_path: Path) -> None:
    answer = sent(program, photo_bytes(tmp_path, {})).json()
    assert answer["masks"] == []
    assert colour_map(answer).shape == (fake.HEIGHT, fake.WIDTH, 3)
    assert not colour_map(answer).any()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_all_masks_stand_upright(program: TestClient, orientation: int, suffix: str) -> None:
    standing = np.full((300, 500, 3), fake.GREY, np.uint8)
    standing[50:280, 60:140] = fake.COLOURS["anna"]
    standing[80:200, 300:460] = fake.COLOURS["cem"]
    back = {6: 8, 8: 6}.get(orientation, orientation)
    stored = Image.fromarray(upright(standing, back))
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    stored.save(file, {"jpg": "JPEG", "png": "PNG"}[suffix], exif=exif, quality=95, subsampling=0)
    answer = sent(program, file.getvalue(), f"a.{suffix}").json()
    whole = {1: np.zeros((300, 500), bool), 2: np.zeros((300, 500), bool)}
    for record in answer["masks"]:
        whole[record["person_id"]] |= mask_of(record) > 0
    for person, place in ((1, np.s_[50:280, 60:140]), (2, np.s_[80:200, 300:460])):
        expected = np.zeros((300, 500), bool)
        expected[place] = True
        assert (whole[person] & expected).sum() / (whole[person] | expected).sum() > 0.9
    shown = colour_map(answer)
    assert shown.shape == (300, 500, 3)
    assert tuple(shown[250, 100]) == COLOURS["upper-clothes"]
    assert tuple(shown[55, 100]) == COLOURS["face"]


def png_of(width: int, height: int) -> bytes:
    """A small file that would be a large picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(min(height * (1 + width), 1 << 24)), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


JPEG, PNG = io.BytesIO(), io.BytesIO()
Image.effect_noise((300, 200), 90).save(JPEG, "JPEG")
Image.effect_noise((300, 200), 90).save(PNG, "PNG")

JUNK: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", "a.jpg", 400),
    "text": (b"a letter to a friend", "a.txt", 415),
    "text called a photo": (b"a letter to a friend", "a.jpg", 415),
    "nameless": (b"a letter to a friend", "", 422),
    "page": (b"<!doctype html><script>alert(1)</script>", "a.html", 415),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a.svg", 415),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(400), "a.mp4", 415),
    "video called a photo": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(400), "a.jpg", 415),
    "archive": (b"PK\x03\x04" + bytes(100), "a.zip", 415),
    "program": (b"\x7fELF" + bytes(100), "a", 415),
    "cut off": (JPEG.getvalue()[: len(JPEG.getvalue()) // 5], "a.jpg", 422),
    "mere beginning": (b"\x89PNG\r\n\x1a\n" + bytes(200), "a.png", 415),
    "damaged": (PNG.getvalue()[:9000] + bytes(9000), "a.png", 422),
    "bomb": (png_of(60_000, 60_000), "a.png", 413),
    "many pixels": (png_of(10_100, 10_000), "a.png", 413),
}


@pytest.mark.parametrize("what", list(JUNK))
def test_junk_is_refused_with_a_reason(program: TestClient, what: str) -> None:
    data, name, status = JUNK[what]
    response = sent(program, data, name)
    assert (response.status_code, list(response.json())) == (status, ["error"]), response.text
    assert len(response.json()["error"]) > 10
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"data": {"image": "not a file"}}, 422),
        ({"files": {"photo": ("a.png", b"x")}}, 422),
        ({"files": [("image", ("a.png", b"x")), ("image", ("b.png", b"x"))]}, 422),
        ({"content": b"no form at all", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 422),
        ({"json": {"image": "iVBORw0KGgo"}}, 422),
    ],
)
def test_a_form_without_a_photo_is_refused(program: TestClient, form: dict[str, Any], status: int) -> None:
    response = program.post("/predict", **form)
    assert (response.status_code, list(response.json())) == (status, ["error"]), response.text


def test_errors_are_in_the_visitor_s_language(program: TestClient) -> None:
    response = sent(program, b"", "照片.jpg", **{"Accept-Language": "zh-CN"})
    assert "空文件" in response.json()["error"]
    assert "照片.jpg" in response.json()["error"]


def test_too_many_bytes(program: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "LIMITS", Limits(max_bytes=100))
    response = sent(program, photo_bytes(tmp_path, {"anna": 10}))
    assert (response.status_code, list(response.json())) == (413, ["error"])


def test_what_ruins_its_worker_is_an_error_and_the_next_photo_is_parsed(program: TestClient, tmp_path: Path) -> None:
    response = sent(program, photo_bytes(tmp_path, {"anna": 10}, corner=fake.CRASH), "crash.png")
    assert (response.status_code, list(response.json())) == (500, ["error"])
    assert "crash.png" in response.json()["error"]
    assert len(sent(program, photo_bytes(tmp_path, {"anna": 10})).json()["masks"]) == 2


def test_several_at_once_are_all_answered(program: TestClient, tmp_path: Path) -> None:
    photos = [photo_bytes(tmp_path, {"anna": 10, "bob": 90} if n % 2 else {}, shade=n) for n in range(6)]
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        answers[number] = len(sent(program, photos[number]).json()["masks"])

    visitors = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert answers == {0: 0, 1: 4, 2: 0, 3: 4, 4: 0, 5: 4}


def test_who_comes_when_too_many_wait_is_told_to_come_again(
    program: TestClient, empty: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "QUEUE", 0)
    read: list[int] = []
    original = UploadFile.read

    async def read_some(image: UploadFile, size: int = -1) -> bytes:
        data = await original(image, size)
        read.append(len(data))
        return data

    monkeypatch.setattr(UploadFile, "read", read_some)
    busy = empty.keeper.submit(time.sleep, 1.5)
    response = sent(program, photo_bytes(tmp_path, {"anna": 10}, comment="x" * HEADER_BYTES))
    assert (response.status_code, list(response.json())) == (503, ["error"])
    assert int(response.headers["retry-after"]) > 0
    assert sum(read) <= HEADER_BYTES, "it is not in memory as well"
    busy.result(30)
    assert sent(program, photo_bytes(tmp_path, {"anna": 10})).status_code == 200


def test_nothing_of_a_photo_is_kept(program: TestClient, empty: Album, tmp_path: Path) -> None:
    before = sorted(path for path in empty.library.folder.rglob("*"))
    sent(program, photo_bytes(tmp_path, {"anna": 10}))
    assert sorted(path for path in empty.library.folder.rglob("*")) == before


def test_a_page_of_another_site_cannot_ask(program: TestClient, empty: Album, tmp_path: Path) -> None:
    photo = photo_bytes(tmp_path, {"anna": 10})
    assert sent(program, photo, Origin="https://elsewhere.example").status_code == 403
    assert sent(program, photo, Origin=ADDRESS).status_code == 403, "no token"
    assert sent(program, photo, Origin=ADDRESS, **{"X-CSRF-Token": empty.csrf}).status_code == 200


def test_the_service_describes_itself(program: TestClient) -> None:
    told = program.get("/openapi.json").json()
    service = told["paths"]["/predict"]["post"]
    assert set(service["responses"]) >= {"200", "400", "413", "415", "422", "500", "503"}
    assert "person" in json.dumps(told["components"]["schemas"]["Mask"]["properties"]["person_id"])


def test_a_real_photo(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    """By the engine that ships: larger than it is parsed at, and lying on its side."""
    large = cv2.resize(astronaut, (2400, 2400), interpolation=cv2.INTER_CUBIC)
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(upright(np.asarray(large, np.uint8), 8)).save(file, "JPEG", exif=exif, quality=90)
    with Library.open(tmp_path / "library") as library, served(library, "lite", make_chain) as album:
        answer = sent(TestClient(create_app(album), base_url=ADDRESS), file.getvalue())
    masks = {m["category_id"]: mask_of(m) for m in answer.json()["masks"]}
    assert {m["person_id"] for m in answer.json()["masks"]} == {1}
    assert {PART_ID["face"], PART_ID["hair"]} <= set(masks)
    assert all(mask.shape == (2400, 2400) for mask in masks.values())
    assert masks[PART_ID["face"]][500, 1060], "her face"
    assert not masks[PART_ID["face"]][1900, 1060]
    shown = colour_map(answer.json())
    assert tuple(shown[500, 1060]) == COLOURS["face"]
    assert np.array_equal(shown.any(-1), np.any(list(masks.values()), axis=0))
