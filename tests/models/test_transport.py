"""Requests go through the user's proxy, are redirected safely or not at all, and believe no stranger's certificate."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.models import hub as protocol
from mien.models import transport
from mien.models.download import Watch, fetch
from mien.models.transport import Interrupted, Patience, persist, request, whole
from tests.models.hub import CHECKPOINT, M2FP, Hub, serving

ONCE = Patience(timeout=10, attempts=1)


def get(url: str) -> bytes:
    with request(url, {}, 10) as answer:
        return whole(answer, 1 << 20, ONCE)


def refused(url: str) -> MienError:
    with pytest.raises(MienError) as caught:
        get(url)
    return caught.value


def test_the_proxy_is_asked_for_everything(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", hub.address)
    hub.storage = "http://storage.example/storage/"
    found = protocol.look_up(M2FP, "http://hub.example", ONCE, Watch().retrying)
    fetch(found.checkpoint, tmp_path / "a", ONCE, Watch())
    assert (tmp_path / "a").read_bytes() == hub.files[CHECKPOINT]
    assert [asked.address.split("/")[2] for asked in hub.asked] == ["hub.example", "hub.example", "storage.example"]


def test_hosts_without_proxy_are_asked_directly(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody listens there
    assert get(f"{hub.address}/storage/{CHECKPOINT}") == hub.files[CHECKPOINT]
    monkeypatch.setenv("NO_PROXY", "other.example")
    assert isinstance(refused(f"{hub.address}/storage/{CHECKPOINT}"), Interrupted)


def test_a_proxy_that_cannot_be_used_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://user:secret@127.0.0.1:9")
    error = refused("http://hub.example/")
    assert error.code == "hub-proxy"
    assert "socks5" in error.message()
    assert "secret" not in error.message()
    assert get(f"{hub.address}/storage/{CHECKPOINT}"), "it is not asked about this host"


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a", "//", "http://", "/loop", "javascript:1"]
)
def test_no_redirect_leads_out_of_http_or_in_circles(hub: Hub, location: str) -> None:
    hub.storage = location if location == "/loop" else f"{location}?"
    address = f"{hub.address}/api/v1/models/{hub.id}/repo?Revision={hub.revision}&FilePath={CHECKPOINT}"
    error = refused(address)
    assert error.code in ("hub-redirect", "hub-not-found"), error
    assert len(hub.asked) <= 2 + transport.MAX_REDIRECTS


def test_nobody_there_is_told(tmp_path: Path) -> None:
    error = refused("http://127.0.0.1:9/")
    assert isinstance(error, Interrupted)
    assert "127.0.0.1" in error.message()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by nobody."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here")
    file = tmp_path / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", file],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + (tmp_path / "key.pem").read_text())
    return file


@pytest.fixture
def safe(certificate: Path) -> Iterator[Hub]:
    """A hub behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    transport._certificates.cache_clear()
    with serving(context) as running:
        running.has(b"checkpoint")
        yield running
    transport._certificates.cache_clear()


def test_a_strangers_certificate_is_not_believed(safe: Hub) -> None:
    error = refused(f"{safe.address}/storage/{CHECKPOINT}")
    assert error.code == "hub-certificate"
    assert not isinstance(error, Interrupted)
    assert safe.asked == []


def test_a_certificate_that_the_user_trusts_is(
    safe: Hub, hub: Hub, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert get(f"{safe.address}/storage/{CHECKPOINT}") == b"checkpoint"
    hub.storage = f"{safe.address}/storage/"
    address = f"/api/v1/models/{hub.id}/repo?Revision={hub.revision}&FilePath={CHECKPOINT}"
    assert get(f"{hub.address}{address}") == b"checkpoint", "http may lead to https"
    safe.storage = f"{hub.address}/storage/"
    asked = len(hub.asked)
    assert refused(f"{safe.address}{address}").code == "hub-redirect", "https never leads to http"
    assert len(hub.asked) == asked


def test_waits_grow_and_follow_what_the_server_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    asked_for = iter([None, None, 7.0, None, 4000.0, None, None])

    def step() -> None:
        error = Interrupted("hub-slow", host="a")
        error.after = next(asked_for)
        raise error

    told: list[float] = []
    with pytest.raises(Interrupted):
        persist(step, Patience(attempts=7, longest_wait=30), lambda _, seconds: told.append(seconds))
    assert slept == told == [1, 2, 7, 8, 30, 30]


def test_a_hub_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Interrupted):
            protocol.look_up(M2FP, address, replace(ONCE, timeout=0.2), Watch().retrying)
