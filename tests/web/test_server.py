"""The server as a process: where it listens, and that it stops soon, whatever goes on."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from mien.catalog.library import Library
from mien.errors import MienError
from mien.web import hosting, server
from mien.web.background.following import Following
from mien.web.guard import SERVICES
from tests.indexing.fake import HANG, photo_of
from tests.web.routes import DOING

REPOSITORY = Path(__file__).parent.parent.parent

# Workers load this file, too, but not what only the first process needs.
SERVE = """
import sys

if __name__ == "__main__":
    import functools, time
    from mien.catalog.library import Library
    from mien.indexing import roots
    from mien.web import server
    from tests.indexing.fake import make_fake

    server.Keeper = functools.partial(server.Keeper, make_chain=make_fake)
    create_app = server.create_app

    def with_hanging(*arguments):
        app = create_app(*arguments)
        app.get("/hang")(lambda: time.sleep(600))
        return app

    server.create_app = with_hanging
    with Library.open(sys.argv[1]) as library:
        if len(sys.argv) > 3:
            roots.remember(library.folder, sys.argv[3:])
        server.serve(library, port=0, engine=sys.argv[2], jobs=1, announce=lambda address: print(address, flush=True))
    print("closed", flush=True)
"""

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no signals for one process")


@contextmanager
def served(tmp_path: Path, *paths: Path, engine: str = "fake") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server as a process, leading a group of its own, and its address; what is left of it at the end is killed."""
    script = tmp_path / "serve.py"
    script.write_text(SERVE)
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "library"), engine, *map(str, paths)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, process.communicate()[1]
        yield process, address
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def stop(process: subprocess.Popen[str], number: int = signal.SIGINT) -> None:
    """Send the signal as a terminal does, to the whole group; the process must end, whatever else is going on."""
    others = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert output == "closed\n"
    assert psutil.wait_procs(others, timeout=30)[1] == []


def wait_for_photos(address: str, number: int) -> None:
    """Until the library shows so many."""
    with httpx2.Client() as program:
        done = 0
        while done < number:
            rows = program.get(address + "api/photos", params={"limit": 1000}).json()["photos"]
            done = sum(row["photo_id"] is not None for row in rows)


def page(address: str) -> dict[str, str]:
    """What our pages prove themselves with."""
    shown = re.search(r'<meta name="csrf" content="([^"]+)"', httpx2.get(address).text)
    assert shown
    return {"X-CSRF-Token": shown[1], "Origin": address.rstrip("/")}


def upload(address: str, photo: Path) -> None:
    """It is kept, whoever indexes just now."""
    answer = httpx2.post(address + "upload", files={"image": (photo.name, photo.read_bytes())}, timeout=60)
    assert answer.status_code in (200, 202), answer.text


def wait_until_idle(address: str) -> None:
    with httpx2.Client() as program:
        while program.get(address + "status").json()["state"] != "idle":
            pass


def connect(address: str) -> socket.socket:
    return socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), timeout=60)


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_although_browsers_stay_connected(number: int, tmp_path: Path) -> None:
    with served(tmp_path) as (process, address), httpx2.Client() as browser:
        answer = browser.get(address + "openapi.json")
        assert answer.status_code == 200
        assert "server" not in answer.headers
        stop(process, number)


@posix
def test_it_stops_while_an_upload_trickles_in(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address), connect(address) as upload, connect(address) as silent:
        head = f"POST /upload HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\nContent-Length: 1000000\r\n"
        kind = "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        upload.sendall(
            (head + kind + '--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n').encode()
        )
        silent.sendall(b"GET / HT")
        assert httpx2.get(address + "openapi.json").status_code == 200
        stop(process)


@posix
def test_it_stops_although_something_hangs(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address), connect(address) as hanging:
        hanging.sendall(f"GET /hang HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n".encode())
        assert httpx2.get(address + "openapi.json").status_code == 200
        stop(process)


@posix
@pytest.mark.parametrize("service", sorted(SERVICES & set(DOING)))
def test_it_stops_while_a_worker_is_busy_with_a_visitors_photo(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = tmp_path / "hangs"
    monkeypatch.setenv("FAKE_HANGS", str(hangs))
    photo = photo_of(tmp_path / "photo.png", {"anna": 20}, corner=HANG).read_bytes()
    part = b'--x\r\nContent-Disposition: form-data; name="image"; filename="photo.png"\r\n\r\n%b\r\n--x--\r\n' % photo
    with served(tmp_path) as (process, address), connect(address) as visitor:
        head = f"POST {service} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\nContent-Length: {len(part)}\r\n"
        visitor.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + part)
        while not hangs.exists():
            visitor.settimeout(0.1)
            with suppress(TimeoutError):
                raise AssertionError(visitor.recv(1000))
        stop(process)


@posix
def test_it_stops_or_is_killed_while_it_indexes_and_goes_on_with_the_next_start(tmp_path: Path) -> None:
    album = tmp_path / "album"
    for shade in range(80):
        photo_of(album / f"{shade}.png", {"anna": 20}, shade=shade)
    with served(tmp_path, album, engine="fake-slow") as (process, address):
        wait_for_photos(address, 3)
        stop(process)
    with Library.open(tmp_path / "library") as library, library.catalog.read() as connection:
        assert connection.execute("SELECT count(*) FROM inflight").fetchone() == (0,)
        kept = connection.execute("SELECT count(*) FROM photos").fetchone()[0]
        assert 3 <= kept < 80
    with served(tmp_path, engine="fake-slow") as (process, address):
        wait_for_photos(address, kept + 1)
        others = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        assert psutil.wait_procs(others, timeout=30)[1] == []
    with served(tmp_path) as (process, address):
        wait_for_photos(address, 80)
        stop(process)


@posix
def test_two_servers_share_a_library(tmp_path: Path) -> None:
    with served(tmp_path) as (first, one), served(tmp_path) as (second, other):
        assert one != other
        for number, address in enumerate((one, other)):
            photo = photo_of(tmp_path / "album" / str(number) / "a.png", {"anna": 20}, shade=number)
            assert httpx2.post(address + "index", data={"path": str(photo.parent)}, headers=page(address)).is_success
            sent = photo_of(tmp_path / "b.png", {"anna": 60}, shade=10 + number)
            upload(address, sent)
        for address in (one, other):
            wait_for_photos(address, 4)
            wait_until_idle(address)
        for address in (one, other):
            figures = httpx2.get(address + "api/figures").json()["figures"]
            assert len({row["person_id"] for row in figures}) == 1
        stop(first)
        assert len(httpx2.get(other + "api/photos").json()["photos"]) == 4
        upload(other, photo_of(tmp_path / "b.png", {"anna": 60}, shade=20))
        wait_for_photos(other, 5)
        stop(second)


def test_everything_is_closed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take seconds if something hangs, and they must be over before the process is ended by force."""
    closed: list[str] = []
    for part in (server.Keeper, server.Studio, Following):
        monkeypatch.setattr(part, "close", lambda self: closed.append(type(self).__name__))
    servers: list[server.Server] = []

    class Noted(server.Server):
        def __init__(self, app: object, close: Callable[[], None]) -> None:
            super().__init__(app, close)
            servers.append(self)

    monkeypatch.setattr(server, "Server", Noted)

    def stop_at_once(_address: str) -> None:
        servers[0].should_exit = True

    with Library.open(tmp_path / "library") as library:
        server.serve(library, port=0, announce=stop_at_once, index_known=False)
    assert sorted(closed) == ["Following", "Keeper", "Studio"]


def test_a_port_that_is_taken_is_told_and_without_one_the_next_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with hosting.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(MienError) as taken:
            hosting.listen("127.0.0.1", port)
        assert taken.value.code == "port-taken"
        assert str(port) in taken.value.message("zh")
        monkeypatch.setattr(hosting, "PORT", port)
        with hosting.listen("127.0.0.1", None) as second:
            assert second.getsockname()[1] != port


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host", "", "fe80::1", "127.0.0.1:80", "x" * 300])
def test_an_address_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(MienError) as refused:
        hosting.listen(host, 0)
    assert refused.value.code == "cannot-listen"


@pytest.mark.parametrize(
    ("ip", "token", "address"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:80/"),
        ("::1", None, "http://[::1]:80/"),
        ("192.168.1.5", "t", "http://192.168.1.5:80/?token=t"),
    ],
)
def test_the_address_that_is_announced(ip: str, token: str | None, address: str) -> None:
    assert hosting.address_of(ip, 80, token) == address


def test_a_server_for_every_address_announces_one_to_go_to() -> None:
    for everywhere in ("0.0.0.0", "::"):
        address = urlsplit(hosting.address_of(everywhere, 80, "t"))
        own = {known.address for interface in psutil.net_if_addrs().values() for known in interface}
        assert address.hostname in own
