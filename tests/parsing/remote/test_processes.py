"""Services as processes, and what users see of them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.errors import EngineLost, MienError
from mien.parsing.engines import create_parser
from mien.parsing.lite.engine import LiteParser
from mien.parsing.remote import patience
from mien.parsing.remote.client import RemoteParser
from tests.cli.conftest import Done, run
from tests.indexing.fake import CRASH, FakeParser, photo_of
from tests.parsing.remote.processes import Running, fake_service, mien_service

TOKEN = "correct-horse-battery-staple"
CERTIFICATE, KEY = (Path(__file__).parent / f"throw-away-test-{name}.pem" for name in ("certificate", "key"))
"""Made for these tests and of no other use, for 127.0.0.1 and localhost (tests/parsing/remote/README.md)."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Behind TLS, with a token."""
    folder = tmp_path_factory.mktemp("service")
    with fake_service(folder, {"MIEN_ENGINE_TOKEN": TOKEN}, tls=[str(CERTIFICATE), str(KEY)]) as running:
        yield running


@pytest.fixture(scope="module")
def lite() -> Iterator[Running]:
    """`mien serve --parser-only`, for this machine."""
    with mien_service() as running:
        yield running


@pytest.fixture
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_ENGINE_TOKEN", TOKEN)
    monkeypatch.setenv("MIEN_ENGINE_CA", str(CERTIFICATE))


def picture(people: dict[str, int], folder: Path, **options: tuple[int, int, int]) -> NDArray[np.uint8]:
    with Image.open(photo_of(folder / "photo.png", people, **options)) as image:  # type: ignore[arg-type]
        return np.array(image)


def test_the_lite_engine_answers_the_same_from_elsewhere_bit_for_bit(
    lite: Running, astronaut: NDArray[np.uint8]
) -> None:
    local, remote = LiteParser(), create_parser(lite.address)
    assert (remote.fingerprint, lite.token) == (local.fingerprint, None)
    two = np.asarray(np.tile(astronaut[:, :400], (1, 2, 1)), np.uint8)
    for pixels in (astronaut, two, np.full((70, 90, 3), 90, np.uint8)):
        assert remote.parse(pixels).to_bytes() == local.parse(pixels).to_bytes()


def test_parse_says_where_photos_go_and_gives_what_the_engine_here_would(
    lite: Running, astronaut: NDArray[np.uint8], tmp_path: Path
) -> None:
    Image.fromarray(astronaut).save(tmp_path / "a.png")

    def parse(out: str, *arguments: str) -> Done:
        return run("parse", tmp_path / "a.png", "--json", "--out", tmp_path / out, *arguments, library=tmp_path / "x")

    here, there = parse("here"), parse("there", "--engine", lite.address)
    assert (there.code, there.err.count(lite.address)) == (0, 1), there.err
    assert {**there.rows[0], "files": None} == {**here.rows[0], "files": None}
    assert there.rows[0]["engine"] == "lite"
    for name in ("a.labels.png", "a.figures.png"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_doctor_looks_at_a_service_too(lite: Running, tmp_path: Path) -> None:
    done = run("doctor", "--json", "--engine", lite.address, library=tmp_path / "x")
    assert done.rows[0]["engines"][lite.address] is None
    assert done.code == 0


@pytest.mark.usefixtures("_trusting")
def test_behind_tls_with_a_token(service: Running, tmp_path: Path) -> None:
    assert service.address.startswith("https://")
    assert service.token is None, "it is known to both, and not shown again"
    parser = RemoteParser(service.address)
    pixels = picture({"anna": 10, "bob": 90}, tmp_path)
    assert parser.parse(pixels).to_bytes() == FakeParser("fake").parse(pixels).to_bytes()


@pytest.mark.usefixtures("_trusting")
@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("MIEN_ENGINE_TOKEN", "", "remote-token-missing"),
        ("MIEN_ENGINE_TOKEN", TOKEN[::-1], "remote-token-wrong"),
        ("MIEN_ENGINE_CA", "", "remote-tls"),
    ],
)
def test_who_does_not_know_the_other_side_is_told(
    setting: str, value: str, code: str, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(EngineLost) as error:
        RemoteParser(service.address)
    assert error.value.code == code
    assert TOKEN not in str(error.value)


@pytest.mark.usefixtures("_trusting")
def test_a_certificate_for_another_name_is_not_believed(service: Running) -> None:
    with pytest.raises(EngineLost) as error:
        RemoteParser(f"https://127.0.0.2:{service.port}")
    assert error.value.code in ("remote-tls", "remote-unreachable")  # not every system has that address
    assert ".." not in error.value.message("en")


@pytest.mark.usefixtures("_trusting")
def test_without_tls_there_is_no_answer(service: Running) -> None:
    with pytest.raises(EngineLost) as error:
        RemoteParser(service.address.replace("https", "http"))
    assert "begins with https://" in error.value.message("en")


def test_who_expects_tls_of_a_service_without_is_told_so(lite: Running) -> None:
    with pytest.raises(EngineLost) as error:
        RemoteParser(lite.address.replace("http", "https"))
    assert error.value.code == "remote-not-tls"


@pytest.mark.usefixtures("_trusting")
def test_a_photo_that_crashes_the_engine_is_refused_and_the_next_one_parsed(service: Running, tmp_path: Path) -> None:
    parser = RemoteParser(service.address)
    with pytest.raises(MienError) as refused:
        parser.parse(picture({}, tmp_path, corner=CRASH))
    assert refused.value.code == "remote-photo-refused"
    assert len(parser.parse(picture({"anna": 10}, tmp_path))) == 1


@pytest.mark.usefixtures("_trusting")
def test_many_at_once_all_get_theirs(service: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the service has room for: some are told to come again, and do."""
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 1.0)
    pictures = [picture({"anna": 10} if n % 2 else {}, tmp_path) for n in range(14)]
    wrong: list[int] = []

    def ask(number: int) -> None:
        parse = RemoteParser(service.address).parse(pictures[number])
        if len(parse) != number % 2:
            wrong.append(number)

    askers = [threading.Thread(target=ask, args=(n,)) for n in range(len(pictures))]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert wrong == []


def test_for_everybody_without_encryption_only_when_told_to(
    astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    with mien_service("--host", "0.0.0.0", "--insecure") as running:
        assert running.token is not None
        assert len(running.token) >= 16
        assert running.address.startswith("http://")
        local = f"http://127.0.0.1:{running.port}"
        monkeypatch.setenv("MIEN_ENGINE_TOKEN", running.token)
        assert len(RemoteParser(local).parse(astronaut)) == 1
        monkeypatch.setenv("MIEN_ENGINE_TOKEN", running.token[::-1])
        with pytest.raises(EngineLost):
            RemoteParser(local)
        running.process.terminate()
        out, err = running.process.communicate(timeout=20)
        assert running.process.returncode == 0
    assert out == ""
    assert "not encrypted" in err
    assert running.token not in err, "with --json it is told there"


def test_an_album_is_served_while_the_service_is_away(tmp_path: Path) -> None:
    command = ["-m", "mien", "serve", "--port", "0", "--json", "--engine", "http://127.0.0.1:9"]
    environment = {**os.environ, "MIEN_LIBRARY": str(tmp_path / "library"), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["address"]
            photo = photo_of(tmp_path / "photo.png", {"anna": 10}).read_bytes()
            said = httpx2.post(address + "predict", files={"image": ("photo.png", photo)}, timeout=120)
            assert said.status_code == 503
            assert "127.0.0.1:9" in said.json()["error"]
            assert httpx2.get(address).status_code == 200
        finally:
            process.terminate()
            process.wait(20)
