"""The side that asks, whatever answers: it gets its parse, or says in words why not; and never waits for ever."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import mien
from mien.errors import EngineLost, MienError
from mien.language import LANGUAGES
from mien.parsing.engines import create_parser, name_of
from mien.parsing.parse import Parse
from mien.parsing.remote import client, patience, protocol
from mien.parsing.remote.client import RemoteParser
from mien.parsing.remote.pictures import unpack
from tests.parsing.remote.impostor import Impostor, Reply, answer, drip, drip_head, hang, introduced, parsed, raw

PIXELS = np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)
NOBODY = Parse.empty(40, 30)
TOKEN = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWERED", 2.0)
    monkeypatch.setattr(client, "RETURNED", 0.5)
    monkeypatch.setattr(client, "INTRODUCED", 1.0)
    monkeypatch.setattr(patience, "PAUSE", 0.01)
    for name in ("MIEN_ENGINE_TOKEN", "MIEN_ENGINE_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


def lost(call: Callable[..., Any], *arguments: Any) -> EngineLost:
    """Why it was; told in both languages."""
    with pytest.raises(EngineLost) as error:
        call(*arguments)
    for language in LANGUAGES:
        assert "127.0.0.1" in error.value.message(language)
    return error.value


def test_a_parse_comes_back_as_it_was_made() -> None:
    with Impostor(parsed(NOBODY)) as service:
        parser = create_parser(service.address)
        parse = parser.parse(PIXELS)
    assert parse.to_bytes() == NOBODY.to_bytes()
    assert (name_of(parser, service.address), parser.fingerprint) == ("fake", "f1")
    ((_, headers, body),) = [request for request in service.requests if request[0] == "/parse"]
    assert np.array_equal(unpack(body), PIXELS)
    assert headers["mien-protocol"] == str(protocol.VERSION)
    assert "authorization" not in headers


def test_one_connection_is_enough() -> None:
    with Impostor(parsed(NOBODY)) as service:
        parser = RemoteParser(service.address)
        for _ in range(5):
            parser.parse(PIXELS)
        assert (service.connections, len(service.asked)) == (1, 5)


def test_a_connection_that_was_closed_meanwhile_is_made_anew() -> None:
    with Impostor(answer(200, NOBODY.to_bytes(), **{protocol.ENGINE_HEADER: "fake f1", "Connection": "close"})) as one:
        parser = RemoteParser(one.address)
        for _ in range(3):
            assert len(parser.parse(PIXELS)) == 0
        assert len(one.asked) == 3


def test_the_token_is_shown_in_a_header_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_ENGINE_TOKEN", TOKEN)
    with Impostor(parsed(NOBODY)) as service:
        RemoteParser(service.address).parse(PIXELS)
    assert [headers["authorization"] for _, headers, _ in service.requests] == [f"Bearer {TOKEN}"] * 2
    assert not any(TOKEN in path for path, _, _ in service.requests)


PASSING: dict[str, Reply] = {
    "closed": raw(b""),
    "cut off in the head": raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "truncated": answer(200, NOBODY.to_bytes(), length=100_000, **{protocol.ENGINE_HEADER: "fake f1"}),
    "no parse": answer(200, b"a letter to a friend", **{protocol.ENGINE_HEADER: "fake f1"}),
    "a damaged parse": answer(200, NOBODY.to_bytes()[:-200], **{protocol.ENGINE_HEADER: "fake f1"}),
    "by nobody": answer(200, NOBODY.to_bytes()),
    "not HTTP": raw(b"\0\1\2\3 what is this\r\n\r\n"),
    "too long": answer(200, b"x" * ((16 << 20) + 1), **{protocol.ENGINE_HEADER: "fake f1"}),
    "said to be too long": answer(200, b"x", length=1 << 40),
    "busy": answer(503, {"error": "busy"}, Retry_After="0"),
    "a gateway's": answer(502, b"<html>Bad gateway"),
    "crashed": answer(500, {"error": "it crashed"}),
}


@pytest.mark.parametrize("what", PASSING)
def test_what_happens_once_is_no_matter(what: str) -> None:
    with Impostor(PASSING[what], parsed(NOBODY)) as service:
        assert len(RemoteParser(service.address).parse(PIXELS)) == 0
        assert service.asked == ["/parse"] * 2


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("closed", "remote-gone"), ("cut off in the head", "remote-garbled"), ("truncated", "remote-gone"),
        ("no parse", "remote-garbled"), ("a damaged parse", "remote-garbled"), ("by nobody", "remote-garbled"),
        ("not HTTP", "remote-garbled"), ("too long", "remote-garbled"), ("busy", "remote-busy"),
        ("a gateway's", "remote-busy"),
    ],
)  # fmt: skip
def test_what_goes_on_ends_the_run_and_blames_no_photo(what: str, code: str) -> None:
    with Impostor(PASSING[what]) as service:
        parser = RemoteParser(service.address)
        start = time.monotonic()
        assert lost(parser.parse, PIXELS).code == code
        assert time.monotonic() - start < 10
        assert len(service.asked) >= 2


@pytest.mark.parametrize("reply", [hang, drip, drip_head])
def test_who_never_comes_to_an_end_is_not_waited_for(reply: Reply) -> None:
    with Impostor(reply) as service:
        parser = RemoteParser(service.address)
        start = time.monotonic()
        assert lost(parser.parse, PIXELS).code == "remote-slow"
        assert 1.5 < time.monotonic() - start < 10


@pytest.mark.parametrize("reply", [hang, drip, drip_head])
def test_nor_for_an_introduction(reply: Reply) -> None:
    with Impostor(introduction=reply) as service:
        assert lost(RemoteParser, service.address).code == "remote-slow"


def test_who_says_when_to_come_again_is_believed() -> None:
    with Impostor(answer(503, {"error": "busy"}, Retry_After="1"), parsed(NOBODY)) as service:
        parser = RemoteParser(service.address)
        start = time.monotonic()
        parser.parse(PIXELS)
        assert time.monotonic() - start >= 1
    with Impostor(answer(503, {"error": "close the\x1b[31m window"}, Retry_After="3600")) as service:
        error = lost(RemoteParser(service.address).parse, PIXELS)
        assert (error.code, len(service.asked)) == ("remote-busy", 1)
        assert "window" in error.message()
        assert "\x1b" not in error.message()


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_photo_that_is_refused_is_not_sent_again(status: int) -> None:
    with Impostor(answer(status, {"error": "not this one"}), parsed(NOBODY)) as service:
        parser = RemoteParser(service.address)
        with pytest.raises(MienError) as refused:
            parser.parse(PIXELS)
        assert (refused.value.code, len(service.asked)) == ("remote-photo-refused", 1)
        assert not isinstance(refused.value, EngineLost), "the run goes on"
        assert all("not this one" in refused.value.message(language) for language in LANGUAGES)
        assert len(parser.parse(PIXELS)) == 0


def test_a_photo_that_crashes_the_engine_twice_is_refused() -> None:
    with Impostor(answer(500, {"error": "it crashed"})) as service:
        with pytest.raises(MienError) as refused:
            RemoteParser(service.address).parse(PIXELS)
        assert (refused.value.code, len(service.asked)) == ("remote-photo-refused", 2)


def test_a_picture_beyond_the_limits_is_not_sent() -> None:
    for limit in ({"max_pixels": 1199}, {"max_bytes": 500}):
        with Impostor(parsed(NOBODY), introduction=introduced(**limit)) as service:
            with pytest.raises(MienError) as refused:
                RemoteParser(service.address).parse(PIXELS)
            assert (refused.value.code, service.asked) == ("remote-photo-refused", [])


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "remote-token-missing"), (403, "remote-refused"), (404, "remote-foreign"), (409, "remote-refused"),
     (421, "remote-refused"), (302, "remote-foreign"), (204, "remote-foreign")],
)  # fmt: skip
def test_what_will_not_change_is_not_tried_again(status: int, code: str) -> None:
    elsewhere = answer(status, {"error": "no"}, Location="http://127.0.0.1:1/")
    with Impostor(elsewhere) as service:
        assert lost(RemoteParser(service.address).parse, PIXELS).code == code
        assert len(service.asked) == 1
    with Impostor(introduction=elsewhere) as service:
        assert lost(RemoteParser, service.address).code == code
        assert len(service.requests) == 1


def test_a_wrong_token_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_ENGINE_TOKEN", TOKEN)
    with Impostor(introduction=answer(401, {"error": "no"})) as service:
        error = lost(RemoteParser, service.address)
    assert error.code == "remote-token-wrong"
    assert TOKEN not in error.message("en") + error.message("zh") + repr(error.values)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[1]", b'{"service": "mien-parser"}', b"\xff\xfe"])
def test_another_programs_server_is_told_apart(body: bytes) -> None:
    with Impostor(introduction=answer(200, body)) as service:
        assert lost(RemoteParser, service.address).code == "remote-foreign"


def test_another_version_is_refused_and_both_are_named() -> None:
    with Impostor(introduction=introduced(protocol=protocol.VERSION + 6, mien="9.9.9")) as service:
        error = lost(RemoteParser, service.address)
    assert error.code == "remote-version"
    for language in LANGUAGES:
        words = error.message(language)
        assert "9.9.9" in words
        assert mien.__version__ in words
        assert f" {protocol.VERSION + 6}" in words
        assert f" {protocol.VERSION}" in words


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    start = time.monotonic()
    assert lost(RemoteParser, f"http://127.0.0.1:{port}").code == "remote-unreachable"
    assert time.monotonic() - start < 5


def test_a_name_that_nobody_has() -> None:
    with pytest.raises(EngineLost) as error:
        RemoteParser("https://no-such-machine.invalid:8420")
    assert error.value.code == "remote-unreachable"


def test_tls_where_none_is_spoken() -> None:
    with Impostor() as service, pytest.raises(EngineLost) as error:
        RemoteParser(service.address.replace("http://", "https://"))
    assert error.value.code in ("remote-tls", "remote-unreachable")


def test_a_service_that_comes_back_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RETURNED", 5.0)
    monkeypatch.setattr(client, "ANSWERED", 20.0)
    with Impostor(parsed(NOBODY)) as first:
        parser, port = RemoteParser(first.address), first.port
        parser.parse(PIXELS)
    parser._connection.close()

    def come_back() -> None:
        time.sleep(0.7)
        again.append(Impostor(parsed(NOBODY), port=port))

    again: list[Impostor] = []
    threading.Thread(target=come_back).start()
    assert len(parser.parse(PIXELS)) == 0
    with again[0] as second:
        assert len(second.asked) == 1


def test_the_engine_that_answers_is_the_one_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with Impostor(parsed(NOBODY, "m2fp f2"), parsed(NOBODY, "fake f3")) as service:
        parser = RemoteParser(service.address)
        assert parser.fingerprint == "f1"
        parser.parse(PIXELS)
        assert (parser.name, parser.fingerprint) == ("m2fp", "f2")
        parser.parse(PIXELS)
        assert (parser.name, parser.fingerprint) == ("fake", "f3")
        asked = len(service.requests)
        assert parser.fingerprint == "f3"
        assert len(service.requests) == asked
        monkeypatch.setattr(client, "FRESH", 0.0)
        assert parser.fingerprint == "f1", "what is there now, after a while"


def test_what_was_lost_is_not_believed_to_be_there_still() -> None:
    with Impostor(answer(403, {"error": "no"})) as service:
        parser = RemoteParser(service.address)
        assert parser.fingerprint == "f1"
        lost(parser.parse, PIXELS)
        service.introduction = introduced(fingerprint="f2")
        assert parser.fingerprint == "f2"


@pytest.fixture
def deaf() -> Iterator[tuple[str, list[int]]]:
    """A server that refuses at once and hangs up, having read nothing of what it refuses."""
    listener = socket.create_server(("127.0.0.1", 0))
    refused: list[int] = []

    def refuse() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    introduces = b"GET /engine" in connection.recv(1 << 12)
                    if introduces:
                        introduced()(connection)
                    else:
                        refused.append(1)
                        answer(413, {"error": "no"}, Connection="close")(connection)
                        connection.shutdown(socket.SHUT_WR)
                        time.sleep(0.2)

    threading.Thread(target=refuse, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", refused
    listener.close()


def test_a_refusal_is_heard_although_not_everything_was_sent(deaf: tuple[str, list[int]]) -> None:
    address, refused = deaf
    noise: NDArray[np.uint8] = np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), np.uint8)
    with pytest.raises(MienError) as error:
        RemoteParser(address).parse(noise)
    assert error.value.code in ("remote-photo-refused", "remote-gone")
    assert refused


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for one process")
def test_ctrl_c_is_not_held_up() -> None:
    with Impostor(hang) as service:
        parser = RemoteParser(service.address)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            parser.parse(PIXELS)
        assert time.monotonic() - start < 1.5
