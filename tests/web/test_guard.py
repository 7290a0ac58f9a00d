"""Who is let in, with what, and what every answer says to browsers: it holds for all routes."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.testclient import TestClient

from mien.web import guard
from mien.web.access import HOST, LOOPBACK, Access
from mien.web.album import Album
from mien.web.app import create_app
from tests.web.conftest import ADDRESS
from tests.web.routes import ASKING, DOING, OWN, fill


@pytest.fixture
def stranger(album: Album) -> TestClient:
    """A visitor who shows nothing."""
    return TestClient(create_app(album), base_url=ADDRESS, follow_redirects=False)


def assert_told(answer: Any) -> None:
    """Why it was refused: to programs in JSON, to browsers plainly, without anything of the album's pages."""
    page = "text/html" in answer.request.headers["accept"]
    assert answer.headers["content-type"].split(";")[0] == ("text/plain" if page else "application/json")
    words = answer.text if page else answer.json()["error"]
    assert len(words) > 20
    assert "<" not in words


ACCEPTS = pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html,*/*;q=0.8"])


def assert_guarded(headers: Any) -> None:
    said = dict(headers)
    assert {name.lower(): value for name, value in guard.HEADERS.items()}.items() <= said.items()
    assert "cache-control" in said
    assert "server" not in said
    assert "access-control-allow-origin" not in said


@pytest.mark.parametrize("path", ASKING)
def test_every_answer_has_the_headers(path: str, client: TestClient, album: Album) -> None:
    shown, head = (client.request(method, fill(path, album)) for method in ("GET", "HEAD"))
    assert shown.status_code == head.status_code < 400, shown.text
    assert bool(shown.content) == (shown.status_code < 300)
    assert head.content == b""
    assert_guarded(shown.headers)
    assert_guarded(head.headers)


REFUSED: list[tuple[int, dict[str, Any]]] = [
    (403, {}),
    (403, OWN),
    (403, {"cookie": "language=en"}),
    (403, {**OWN, "x-csrf-token": "guessed"}),
    (403, {**OWN, "x-csrf-token": "gäss".encode()}),
    (403, {**OWN, "x-csrf-token": "TOKEN", "origin": "http://evil.example"}),
    (403, {**OWN, "x-csrf-token": "TOKEN", "origin": "null"}),
    (403, {**OWN, "x-csrf-token": "TOKEN", "origin": "https://127.0.0.1"}),
    (403, {**OWN, "x-csrf-token": "TOKEN", "origin": "http://127.0.0.1:81"}),
    (403, {**OWN, "x-csrf-token": "TOKEN", "origin": "http://localhost"}),
    (403, {**OWN, "x-csrf-token": "TOKEN", "sec-fetch-site": "cross-site"}),
    (403, {**OWN, "x-csrf-token": "TOKEN", "sec-fetch-site": "same-site"}),
    (421, {**OWN, "x-csrf-token": "TOKEN", "host": "evil.example"}),
    (421, {**OWN, "x-csrf-token": "TOKEN", "host": "127.0.0.1:81"}),
]
"""Status and the headers it answers."""


@pytest.mark.parametrize("path", DOING)
def test_nothing_is_done_for_others(path: str, stranger: TestClient, album: Album) -> None:
    for status, shown in REFUSED:
        if shown or path not in guard.SERVICES:
            headers = {name: album.csrf if value == "TOKEN" else value for name, value in shown.items()}
            answer = stranger.post(fill(path, album), headers=headers)
            assert answer.status_code == status, shown
            assert_guarded(answer.headers)
    assert album.library.journal.entries() == ()


@pytest.mark.parametrize("path", sorted(guard.SERVICES & set(DOING)))
def test_programs_use_the_services_without_a_token(path: str, stranger: TestClient) -> None:
    answer = stranger.post(path)
    assert 400 <= answer.status_code < 500
    assert answer.status_code != 403
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    "proof",
    [
        {"headers": {"x-csrf-token": "TOKEN"}, "data": {"language": "zh"}},
        {"data": {"language": "zh", "csrf": "TOKEN"}},
        {"data": {"language": "zh", "csrf": "TOKEN"}, "files": {"image": b"x"}},
    ],
)
@pytest.mark.parametrize("browser", [OWN, {}])
def test_the_token_opens(proof: dict[str, Any], browser: dict[str, str], stranger: TestClient, csrf: str) -> None:
    proof = {part: {name: csrf if v == "TOKEN" else v for name, v in values.items()} for part, values in proof.items()}
    proof["headers"] = browser | proof.get("headers", {})
    assert stranger.post("/language", **proof).status_code == 303


@pytest.mark.parametrize(
    ("shown", "told"),
    [({}, "X-CSRF-Token"), ({"x-csrf-token": "old"}, "Load it again"), ({"accept": "text/html"}, "Load it again")],
)
def test_programs_are_told_where_the_token_is(shown: dict[str, str], told: str, stranger: TestClient) -> None:
    assert told in stranger.post("/undo", headers=shown).text


@ACCEPTS
@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"host": "evil.example"}])
def test_who_is_refused_is_told_why(headers: dict[str, str], accept: str, stranger: TestClient) -> None:
    answer = stranger.post("/language", headers={**headers, "accept": accept})
    assert answer.status_code == (403 if "origin" in headers else 421)
    assert_told(answer)


@ACCEPTS
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused(method: str, accept: str, client: TestClient) -> None:
    for path in ("/", "/language", "/static/style.css"):
        answer = client.request(method, path, headers={"accept": accept})
        assert answer.status_code == 405
        assert_told(answer)
        assert answer.headers["allow"] == "GET, HEAD, POST"
        assert_guarded(answer.headers)


# Names


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8420", True),
        ("localhost:8420", True),
        ("LOCALHOST", True),
        ("[::1]", True),
        ("[::1]:8420", True),
        ("", False),
        (":8420", False),
        ("localhost:", False),
        ("localhost:8421", False),
        ("localhost:99999", False),
        ("localhost.", False),
        ("localhost.evil.example", False),
        ("evil.example", False),
        ("evil.example:8420", False),
        ("127.0.0.1.evil.example", False),
        ("127.0.0.2", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("[::2]", False),
        ("user@localhost", False),
        ("localhost/..", False),
        ("localhost, evil.example", False),
        ("loc\u0430lhost", False),
        ("127.0.0.\u0661", False),
        ("2130706433", False),
    ],
)
def test_which_hosts_are_ours(host: str, ours: bool) -> None:
    assert Access(port=8420).means_us(host) == ours


@given(st.one_of(st.text(), st.from_regex(HOST, fullmatch=True)), st.integers(1, 65535))
def test_no_other_host_is_ours(host: str, port: int) -> None:
    name = host.lower().removesuffix(f":{port}").strip("[]")
    if Access(port=port).means_us(host):
        assert name in LOOPBACK


@pytest.mark.parametrize(
    ("host", "address", "ours", "others"),
    [
        ("127.0.0.1", "127.0.0.1", ["127.0.0.1", "localhost"], ["192.168.1.5"]),
        ("localhost", "::1", ["[::1]", "localhost"], ["[::2]"]),
        ("127.0.0.5", "127.0.0.5", ["127.0.0.5", "localhost"], ["127.0.0.6"]),
        ("192.168.1.5", "192.168.1.5", ["192.168.1.5"], ["127.0.0.1", "192.168.1.6", "nas.local"]),
        ("NAS.local", "192.168.1.5", ["nas.local:80", "192.168.1.5"], ["other.local"]),
        ("0.0.0.0", "0.0.0.0", ["192.168.1.5", "127.0.0.1", "localhost"], ["evil.example", "1.2.3.4.evil.example"]),
        ("::", "::", ["192.168.1.5", "[fd00::1]", "localhost"], ["evil.example"]),
        ("fe80::1%eth0", "fe80::1%eth0", ["[fe80::1]"], ["[fe80::2]"]),
    ],
)
def test_names_and_token_follow_where_it_listens(host: str, address: str, ours: list[str], others: list[str]) -> None:
    access = Access.at(host, address, 80)
    assert all(access.means_us(name) for name in ours)
    assert not any(access.means_us(name) for name in others)
    assert (access.token is None) == ("localhost" in ours and not access.any_address)
    if access.token is not None:
        assert len(access.token) >= 32
        assert access.token != Access.at(host, address, 80).token


# The token that visitors from other computers show


@pytest.fixture
def access() -> Access:
    return Access.at("192.168.1.5", "192.168.1.5", 80)


@pytest.fixture
def visitor(album: Album, access: Access) -> TestClient:
    """Somebody at another computer."""
    return TestClient(create_app(album, access), base_url="http://192.168.1.5", follow_redirects=False)


@ACCEPTS
def test_without_the_token_nothing_is_shown_or_done(
    accept: str, visitor: TestClient, album: Album, access: Access
) -> None:
    visitor.headers["accept"] = accept
    for path in (*ASKING, "/nothing", "/?token=", "/?token=guessed"):
        answer = visitor.get(fill(path, album))
        assert answer.status_code == 401, path
        assert album.csrf not in answer.text
        assert_told(answer)
        assert_guarded(answer.headers)
    for path in DOING:
        for address in (path, f"{path}?token={access.token}"):
            assert visitor.post(fill(address, album), headers={"x-csrf-token": album.csrf}).status_code == 401


def test_the_printed_address_lets_in(visitor: TestClient, access: Access) -> None:
    entry = visitor.get(f"/static/style.css?a=1&token={access.token}&b=<%26>")
    assert entry.status_code == 200
    assert entry.headers["refresh"] == "0; url=?a=1&b=%3C%26%3E"
    cookie = entry.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert visitor.get("/static/style.css").status_code == 200
    (name,) = visitor.cookies
    visitor.cookies.clear()
    visitor.cookies.set(name, "old")
    assert visitor.get("/static/style.css").status_code == 401


def test_programs_show_the_token_in_a_header(visitor: TestClient, access: Access) -> None:
    assert visitor.get("/openapi.json", headers={"authorization": f"Bearer {access.token}"}).status_code == 200
    for wrong in ("Bearer", "Bearer x", f"Basic {access.token}", f"Bearer {access.token}x"):
        assert visitor.get("/openapi.json", headers={"authorization": wrong}).status_code == 401


# How much


@pytest.mark.parametrize("path", ["/language", "/upload"])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
@pytest.mark.parametrize("streamed", [False, True])
def test_too_much_is_refused(
    path: str, accept: str, streamed: bool, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path not in DOING:
        pytest.skip("not there yet")
    monkeypatch.setattr(guard, "FORM_BYTES", 100)
    monkeypatch.setattr(guard, "SERVICE_BYTES", 1000)
    sent = 0

    def pieces() -> Any:
        nonlocal sent
        for _ in range(100):
            sent += 50
            yield b"language=" + b"x" * 41

    content = pieces() if streamed else b"x" * 5000
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": accept}
    answer = client.post(path, content=content, headers=headers)
    assert answer.status_code == 413
    assert ("<html" in answer.text) == (accept == "text/html")
    assert "GB" in answer.text
    assert_guarded(answer.headers)


def test_a_declared_length_is_believed_before_anything_arrives(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("read")

    scope = {"type": "http", "path": "/language", "headers": [(b"content-length", b"70000")]}
    with pytest.raises(guard.HTTPException) as refused:
        asyncio.run(guard._Body(Request(scope), receive)())
    assert refused.value.status_code == 413


def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "PATIENCE", 0.02)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    with pytest.raises(guard.HTTPException) as refused:
        asyncio.run(guard._Body(Request({"type": "http", "path": "/upload", "headers": []}), receive)())
    assert refused.value.status_code == 408


def test_after_the_body_one_may_wait_for_the_visitor_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "PATIENCE", 0.02)
    messages = [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0 if len(messages) == 2 else 0.1)
        return messages.pop(0)

    async def both() -> list[str]:
        body = guard._Body(Request({"type": "http", "path": "/", "headers": []}), receive)
        return [(await body())["type"], (await body())["type"]]

    assert asyncio.run(both()) == ["http.request", "http.disconnect"]
