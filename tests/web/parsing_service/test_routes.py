"""What a parsing service answers, whatever arrives; and that it keeps nothing."""

import asyncio
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

import mien
from mien.indexing.engine import worker_memory
from mien.parsing.parse import Parse
from mien.parsing.remote import protocol
from mien.parsing.remote.pictures import pack
from mien.parsing.remote.protocol import Description
from mien.photo.limits import Limits
from mien.photo.reading import read_photo
from mien.web.access import Access
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.background import workers
from mien.web.guard import HEADERS
from mien.web.parsing_service import bodies, routes
from mien.web.parsing_service import service as serving
from mien.web.parsing_service.app import create_service_app
from mien.web.parsing_service.service import Service
from tests.indexing import fake
from tests.parsing.remote.test_pictures import JUNK as NO_PICTURES
from tests.web.conftest import ADDRESS
from tests.web.test_predict import JUNK as NO_PHOTOS

TOKEN = "correct-horse-battery-staple"


def photo_bytes(folder: Path, people: dict[str, int], **options: Any) -> bytes:
    return fake.photo_of(folder / "photo.png", people, **options).read_bytes()


def picture(folder: Path, people: dict[str, int], **options: Any) -> bytes:
    return pack(read_photo(photo_bytes(folder, people, **options)).pixels)


def sent(program: TestClient, data: bytes, name: str = "photo.png") -> httpx2.Response:
    return program.post("/predict", files={"image": (name, data)})


def assert_refused(answer: httpx2.Response, status: int) -> None:
    assert (answer.status_code, list(answer.json())) == (status, ["error"]), answer.text
    assert len(answer.json()["error"]) > 10
    assert "Traceback" not in answer.text


def test_it_says_what_it_is(program: TestClient) -> None:
    answer = program.get("/engine")
    assert Description.from_json(answer.json()) == Description(mien.__version__, protocol.VERSION, "fake", "fake 1", 1)
    assert {name.lower(): value for name, value in HEADERS.items()}.items() <= dict(answer.headers).items()


def test_a_parse_is_the_engine_s_own(program: TestClient, tmp_path: Path) -> None:
    data = photo_bytes(tmp_path, {"anna": 10, "bob": 90})
    answer = program.post("/parse", content=picture(tmp_path, {"anna": 10, "bob": 90}))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == protocol.PARSE_TYPE
    assert answer.headers["mien-engine"] == f"fake {fake.FakeParser('fake').fingerprint}"
    local = fake.FakeParser("fake").parse(read_photo(data).pixels)
    assert answer.content == local.to_bytes()
    assert len(Parse.from_bytes(answer.content)) == 2


def test_predict_answers_as_an_album_does(program: TestClient, empty: Album, tmp_path: Path) -> None:
    album = TestClient(create_app(empty), base_url=ADDRESS)
    for people in ({"anna": 10, "bob": 90}, {}):
        data = photo_bytes(tmp_path, people)
        assert sent(program, data).content == sent(album, data).content


@pytest.mark.parametrize("what", NO_PHOTOS)
def test_predict_refuses_as_an_album_does(what: str, program: TestClient) -> None:
    data, name, status = NO_PHOTOS[what]
    assert_refused(sent(program, data, name), status)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"data": {"image": "not a file"}}, 422),
        ({"files": {"photo": ("a.png", b"x")}}, 422),
        ({"files": [("image", ("a.png", b"x")), ("image", ("b.png", b"x"))]}, 422),
        ({"files": [("image", ("a.png", b"x"))] * 20}, 400),
        ({"content": b"no form at all", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"json": {"image": "iVBORw0KGgo"}}, 422),
    ],
)
def test_a_form_without_a_photo_is_refused(program: TestClient, form: dict[str, Any], status: int) -> None:
    assert_refused(program.post("/predict", **form), status)


@pytest.mark.parametrize("what", NO_PICTURES)
def test_what_is_no_picture_is_refused(what: str, program: TestClient) -> None:
    status = {"empty": 400, "many pixels": 413}.get(what, 422)
    assert_refused(program.post("/parse", content=NO_PICTURES[what]), status)


def test_too_many_bytes(program: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = photo_bytes(tmp_path, {"anna": 10})
    monkeypatch.setattr(protocol, "MAX_BYTES", 100)
    monkeypatch.setattr(routes, "LIMITS", Limits(max_bytes=100))
    assert_refused(program.post("/parse", content=data), 413)
    assert_refused(program.post("/parse", content=iter([data[:90], data[90:]])), 413)
    assert_refused(sent(program, data), 413)
    monkeypatch.setattr(bodies, "_FORM", 100)
    assert_refused(sent(program, data), 413)
    form = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + data + b"\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert_refused(program.post("/predict", content=iter([form[:150], form[150:]]), headers=kind), 413)


def test_another_version_of_the_protocol_is_refused(program: TestClient, tmp_path: Path) -> None:
    answer = program.post("/parse", content=picture(tmp_path, {}), headers={"Mien-Protocol": "77"})
    assert_refused(answer, 409)
    assert "77" in answer.json()["error"]
    assert mien.__version__ in answer.json()["error"]


@pytest.mark.parametrize("corner", [fake.CRASH, fake.RAISE])
def test_what_ruins_its_worker_is_an_error_and_the_next_photo_is_parsed(
    corner: tuple[int, int, int], program: TestClient, tmp_path: Path
) -> None:
    assert_refused(program.post("/parse", content=picture(tmp_path, {"anna": 10}, corner=corner)), 500)
    assert program.post("/parse", content=picture(tmp_path, {"anna": 10})).status_code == 200


def test_a_large_engine_gets_as_many_workers_as_the_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "default_jobs", lambda memory: 1 + (memory > worker_memory("lite")))
    for engine, jobs in (("lite", 1), ("m2fp", 2)):
        service = Service(engine, make_parser=fake.FakeParser)
        try:
            assert service.workers.jobs == jobs
        finally:
            service.close()


def test_what_takes_too_long_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SECONDS", 1.0)
    service = Service("fake", jobs=1, make_parser=fake.FakeParser)
    try:
        program = TestClient(create_service_app(service, Access()), base_url=ADDRESS)
        assert_refused(program.post("/parse", content=picture(tmp_path, {}, corner=fake.HANG)), 500)
        monkeypatch.setattr(serving, "ANSWERED", 0.2)
        answer = program.post("/parse", content=picture(tmp_path, {}, corner=fake.HANG))
        assert_refused(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
    finally:
        service.close()


def test_who_comes_when_too_many_wait_is_told_to_come_again(
    program: TestClient, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "QUEUE", 0)
    read: list[str] = []
    monkeypatch.setattr(bodies, "body", lambda *_: read.append("picture"))
    monkeypatch.setattr(bodies, "photo_of", lambda *_: read.append("photo"))
    with service.workers.admitted():  # somebody else's
        for answer in (program.post("/parse", content=b"x"), sent(program, b"x")):
            assert_refused(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
    assert read == [], "what cannot be worked on is not in memory as well"
    monkeypatch.undo()
    assert program.post("/parse", content=picture(tmp_path, {})).status_code == 200


def test_a_body_that_trickles_in_is_given_up_and_its_place_is_free(
    program: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "QUEUE", 0)
    monkeypatch.setattr(bodies, "ARRIVED", 0.3)

    async def trickle(*_: Any) -> Any:
        while True:
            await asyncio.sleep(0.05)
            yield b"x"

    monkeypatch.setattr(bodies.Request, "stream", trickle)
    assert_refused(program.post("/parse", content=b"x"), HTTPStatus.REQUEST_TIMEOUT)
    monkeypatch.undo()
    assert program.post("/parse", content=picture(tmp_path, {})).status_code == 200


@pytest.mark.parametrize("path", ["/parse", "/predict"])
def test_who_leaves_before_everything_is_sent_is_nothing_to_log(
    path: str, program: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def leave(*_: Any) -> Any:
        yield b"--x\r\n"
        raise ClientDisconnect

    monkeypatch.setattr(bodies.Request, "stream", leave)
    program.post(path, content=b"x", headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert caplog.records == []


def test_nothing_is_written_anywhere(
    program: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: list[tuple[str, str]]
) -> None:
    """Not even for a moment, as forms with large files usually are."""
    rolled: list[int] = []
    noise = np.random.default_rng(0).integers(0, 255, (900, 1000, 3), np.uint8)
    large = tmp_path / "large.png"
    large.write_bytes(pack(noise))
    data = large.read_bytes()
    assert len(data) > 2 << 20
    original = UploadFile.write

    async def noted(file: UploadFile, piece: bytes) -> None:
        await original(file, piece)
        rolled.append(int(getattr(file.file, "_rolled", False)))

    monkeypatch.setattr(UploadFile, "write", noted)
    changes.clear()
    assert sent(program, data, "a.webp").status_code == 200
    assert program.post("/parse", content=data).status_code == 200
    assert rolled
    assert not any(rolled)
    assert [path for _, path in changes if not path.startswith("/dev/")] == []


def test_several_at_once_are_all_answered(program: TestClient, tmp_path: Path) -> None:
    pictures = [picture(tmp_path, {"anna": 10, "bob": 90} if n % 2 else {}, shade=n) for n in range(6)]
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        answers[number] = len(Parse.from_bytes(program.post("/parse", content=pictures[number]).content))

    visitors = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert answers == {0: 0, 1: 2, 2: 0, 3: 2, 4: 0, 5: 2}


@pytest.mark.parametrize("path", ["/", "/photos", "/upload", "/status", "/static/style.css", "/docs"])
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_there_is_no_album(path: str, accept: str, program: TestClient) -> None:
    for answer in (program.get(path, headers={"Accept": accept}), program.post(path, headers={"Accept": accept})):
        assert_refused(answer, 404)


def test_it_describes_itself(program: TestClient) -> None:
    told = program.get("/openapi.json").json()
    assert set(told["paths"]) == {"/engine", "/parse", "/predict"}
    assert set(told["paths"]["/parse"]["post"]["responses"]) >= {"200", "400", "409", "413", "422", "500", "503"}


def test_pages_of_other_sites_cannot_ask(program: TestClient, tmp_path: Path) -> None:
    data = picture(tmp_path, {})
    assert_refused(program.post("/parse", content=data, headers={"Origin": "https://evil.example"}), 403)
    assert_refused(program.post("/parse", content=data, headers={"Host": "evil.example"}), 421)
    assert program.post("/parse", content=data, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.fixture
def guarded(service: Service) -> TestClient:
    """A service beyond loopback, and a program that shows nothing."""
    access = Access.for_programs("0.0.0.0", "0.0.0.0", 8420, TOKEN)
    return TestClient(
        create_service_app(service, access), base_url="https://desktop.lan:8420", headers={"Accept-Language": "en"}
    )


def test_the_token_comes_in_a_header_and_nowhere_else(guarded: TestClient, tmp_path: Path) -> None:
    data = picture(tmp_path, {})
    for answer in (
        guarded.get("/engine"),
        guarded.get("/engine", params={"token": TOKEN}),
        guarded.get("/engine", headers={"Cookie": f"access-8420={TOKEN}"}),
        guarded.get("/engine", headers={"Authorization": "Bearer " + TOKEN[:-1]}),
        guarded.get("/openapi.json"),
        guarded.post("/parse", content=data),
        guarded.post("/predict", files={"image": data}),
    ):
        assert_refused(answer, 401)
        assert "set-cookie" not in answer.headers
        assert "album" not in answer.text
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/engine", headers=shown).status_code == 200
    assert guarded.post("/parse", content=data, headers=shown).status_code == 200


def test_a_new_token_where_none_is_known_and_others_can_come() -> None:
    assert Access.for_programs("127.0.0.1", "127.0.0.1", 80, None).token is None
    assert Access.for_programs("127.0.0.1", "127.0.0.1", 80, TOKEN).token == TOKEN
    first, second = (Access.for_programs("0.0.0.0", "0.0.0.0", 80, None).token for _ in range(2))
    assert first
    assert second
    assert first != second
