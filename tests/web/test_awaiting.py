"""An engine on another machine that is lost while an album is served: it is waited for, and the work goes on."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mien.catalog.library import Library
from mien.errors import EngineLost
from mien.indexing.engine import choose
from mien.indexing.progress import Progress
from mien.indexing.stages import Chain
from mien.parsing.engines import create_parser, name_of
from mien.parsing.remote import client, patience
from mien.web.background import awaiting as waiting
from mien.web.background.awaiting import Awaiting
from mien.web.background.keeper import Keeper, Status
from tests.indexing import fake
from tests.indexing.test_refining import active, observed
from tests.parsing.remote.impostor import Impostor, answer
from tests.parsing.remote.processes import fake_service
from tests.web.test_keeper import until

SHORT = 0.05


def make_remote(engine: str) -> Chain:
    """What `make_chain` makes, but for fake faces, a fake engine that is built in, and little patience."""
    patience.PAUSE, client.RETURNED = 0.01, 0.2
    if engine == "lite":
        return fake.make_fake("lite")
    parser = create_parser(engine)
    return Chain(parser, fake.FakeFinder(), name_of(parser, engine))


class Reached:
    """Notes when a service is asked for, which answers from the time `back` on."""

    def __init__(self, back: int) -> None:
        self.back, self.at = back, list[float]()

    def __call__(self, address: str) -> None:
        assert address == "https://desktop:8420"
        self.at.append(time.monotonic())
        if len(self.at) < self.back:
            raise EngineLost("remote-unreachable", address=address, reason="no route")


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST", SHORT)
    monkeypatch.setattr(waiting, "LONGEST", 4 * SHORT)


@pytest.mark.usefixtures("_impatient")
def test_pauses_grow_until_it_answers_and_then_nothing_is_asked() -> None:
    answered, reached = threading.Event(), Reached(back=5)
    awaiting = Awaiting(answered.set, reached)
    assert awaiting.seconds is None
    begun = time.monotonic()
    for _ in range(3):
        awaiting.begin("https://desktop:8420")
    assert awaiting.seconds is not None
    assert awaiting.seconds <= SHORT
    assert answered.wait(30)
    pauses = [late - early for early, late in zip([begun, *reached.at], reached.at, strict=False)]
    least = [SHORT, 2 * SHORT, 4 * SHORT, 4 * SHORT, 4 * SHORT]
    assert all(pause >= expected - 0.01 for pause, expected in zip(pauses, least, strict=True)), pauses
    assert awaiting.seconds is None
    time.sleep(5 * SHORT)
    assert len(reached.at) == 5


@pytest.mark.usefixtures("_impatient")
def test_what_answers_and_is_lost_again_is_not_asked_for_any_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LONGEST", 60)
    calls: list[float] = []
    awaiting = Awaiting(lambda: awaiting.begin("https://desktop:8420"), lambda _: calls.append(time.monotonic()))
    awaiting.begin("https://desktop:8420")
    until(lambda: len(calls) == 4)
    awaiting.end()
    assert calls[3] - calls[2] >= 8 * SHORT - 0.01
    time.sleep(20 * SHORT)
    assert len(calls) == 4, "nobody waits for it any more"
    assert awaiting.seconds is None


@pytest.mark.usefixtures("_impatient")
def test_whoever_stops_waiting_while_it_is_asked_hears_nothing() -> None:
    begun, go_on, answered = threading.Event(), threading.Event(), threading.Event()

    def reach(_: str) -> None:
        begun.set()
        assert go_on.wait(30)

    awaiting = Awaiting(answered.set, reach)
    awaiting.begin("https://desktop:8420")
    assert begun.wait(30)
    assert awaiting.seconds == 0
    awaiting.end()
    go_on.set()
    assert not answered.wait(5 * SHORT)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    for number in range(12):
        fake.photo_of(tmp_path / "crowd" / f"{number:02}.png", {"anna": 10}, shade=number * 6)
    return tmp_path / "crowd"


@pytest.fixture
def keeper_for(library: Library) -> Iterator[Callable[[str], Keeper]]:
    """Makes keepers of the library, which then goes by the engine at an address."""
    made: list[Keeper] = []

    def make(address: str) -> Keeper:
        choose(library.folder, address)
        made.append(Keeper(library, jobs=1, make_chain=make_remote))
        return made[-1]

    yield make
    for keeper in made:
        keeper.close()


@pytest.mark.usefixtures("_impatient")
def test_a_service_killed_half_way_is_waited_for_and_the_work_goes_on(
    keeper_for: Callable[[str], Keeper], library: Library, crowd: Path, tmp_path: Path
) -> None:
    with fake_service(tmp_path, engine="fake-slow") as service:
        keeper = keeper_for(service.address)
        keeper.ask([crowd])
        until(lambda: keeper.status.progress is not None and keeper.status.progress.done > 2)
        service.kill()
        until(lambda: keeper.status.error is not None and keeper.status.state == "idle")
        lost = keeper.status
        assert lost.error is not None
        assert lost.error.code == "engine-away"
        assert lost.again is not None
        assert len(active(library)) == 12, "new photos are there meanwhile"
        assert {"lite", "fake-slow"} == set(active(library).values())
        with fake_service(tmp_path, engine="fake-slow", port=service.port):
            until(lambda: keeper.status.state == "idle" and keeper.status.error is None)
    assert keeper.status.again is None
    assert set(active(library).values()) == {"fake-slow"}
    assert dict(observed(library))["fake-slow"] == 12


@pytest.mark.usefixtures("_impatient")
def test_a_run_that_does_without_it_ends_when_it_is_back(
    keeper_for: Callable[[str], Keeper], library: Library, crowd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may take a weak machine days to do what a strong one does in hours."""
    with fake_service(tmp_path) as service:
        port = service.port
    keeper = keeper_for(f"http://127.0.0.1:{port}")
    original, is_without = keeper._follow, threading.Event()

    def follow(progress: Progress) -> None:
        if progress.phase == "read" and progress.done == 3 and not is_without.is_set():
            is_without.set()
            until(lambda: keeper._has_come_back)
        original(progress)

    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
    monkeypatch.setattr(keeper, "_follow", follow)
    keeper.bring(fake.photo_of(tmp_path / "brought.png", {"bob": 10})).result(60)
    until(lambda: keeper.status.again is not None)
    keeper.ask([crowd])
    assert is_without.wait(60)
    with fake_service(tmp_path, port=port):
        until(lambda: keeper.status.state == "idle" and dict(observed(library)).get("fake") == 12)
    assert dict(observed(library))["lite"] < 12
    assert keeper.status.error is None


@pytest.mark.usefixtures("_impatient")
def test_a_service_that_says_hello_and_fails_is_no_busy_loop(
    keeper_for: Callable[[str], Keeper], crowd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "FIRST", 2.0)
    with Impostor(answer(403, {"error": "no"})) as service:
        keeper = keeper_for(service.address)
        keeper.ask([crowd])
        until(lambda: keeper.status.state == "idle" and keeper.status.error is not None)
        time.sleep(0.5)
        assert keeper.status.state == "idle"
        assert len(service.asked) <= 4, "two runs, each with what was handed out at once"
        assert keeper.status.error is not None
        assert keeper.status.error.code == "remote-refused"
        assert keeper.status.again is not None


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("how", ["stop", "close"])
def test_whoever_stops_is_obeyed(keeper_for: Callable[[str], Keeper], crowd: Path, how: str) -> None:
    keeper = keeper_for("http://127.0.0.1:9")
    keeper.ask([crowd])
    until(lambda: keeper.status.state == "idle" and keeper.status.again is not None)
    begun = time.monotonic()
    getattr(keeper, how)()
    assert time.monotonic() - begun < 5
    assert keeper.status.again is None
    time.sleep(4 * SHORT)
    assert not [thread for thread in threading.enumerate() if thread.name == "awaiting" and thread.is_alive()]
    if how == "stop":
        assert keeper.status.state == "idle"
        with Impostor() as service:
            assert service.connections == 0


def test_a_local_engine_is_not_waited_for(library: Library, crowd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with the user's doing."""
    monkeypatch.setenv("FAKE_AWAY", "better")
    choose(library.folder, "better")
    keeper = Keeper(library, jobs=1, make_chain=fake.make_fake)
    keeper.ask([crowd])
    until(lambda: keeper.status.error is not None)
    assert keeper.status.again is None
    keeper.close()
    assert Status().again is None
