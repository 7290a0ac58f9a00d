"""A file comes whole and right, or is not there; what came before an interruption is not fetched again."""

import contextlib
import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien.errors import MienError, ModelError
from mien.models import hub as protocol
from mien.models.download import Watch, fetch
from mien.models.hub import RemoteFile
from mien.models.partial import part_of, record_of
from mien.models.transport import PROGRESS, NotThere, Patience
from tests.models.hub import (
    CHECKPOINT,
    M2FP,
    Fault,
    Hub,
    cut,
    damaged,
    dripping,
    drop,
    elsewhere,
    empty,
    hold,
    lying,
    page,
    status,
    zipped,
)  # fmt: skip

HASTE = Patience(timeout=10, attempts=4, first_wait=0, longest_wait=0.01)
ONCE = replace(HASTE, attempts=1)


class Heard(Watch):
    def __init__(self) -> None:
        self.amounts: list[tuple[int, int | None]] = []
        self.errors: list[str] = []

    def progress(self, done: int, total: int | None) -> None:
        self.amounts.append((done, total))

    def retrying(self, error: MienError, seconds: float) -> None:
        self.errors.append(error.code)


def remote(hub: Hub) -> RemoteFile:
    return protocol.look_up(M2FP, hub.address, HASTE, Watch().retrying).checkpoint


def fetched(hub: Hub, target: Path, patience: Patience = HASTE, watch: Watch | None = None) -> bytes:
    sha256 = fetch(remote(hub), target, patience, watch or Watch())
    content = target.read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    assert {file.name for file in target.parent.iterdir()} == {target.name}, "nothing is left beside it"
    return content


def failed(hub: Hub, target: Path, patience: Patience = HASTE) -> MienError:
    with pytest.raises(MienError) as caught:
        fetch(remote(hub), target, patience, Watch())
    assert not target.exists()
    assert caught.value.message("en") != caught.value.message("zh")
    return caught.value


def test_a_file_is_fetched(hub: Hub, tmp_path: Path) -> None:
    heard = Heard()
    assert fetched(hub, tmp_path / "a", watch=heard) == hub.files[CHECKPOINT]
    size = len(hub.files[CHECKPOINT])
    assert heard.amounts[0] == (0, size)
    assert heard.amounts[-1] == (size, size)
    assert len(hub.for_checkpoint) == 1
    assert hub.for_checkpoint[0].headers["user-agent"].startswith("mien/")


@given(
    content=st.binary(min_size=1, max_size=3000),
    cuts=st.lists(st.integers(0, 3000), max_size=3),
    ranges=st.booleans(),
    etag=st.sampled_from(["sum", 'W/"weak"', None]),
    tells=st.sampled_from(["sums", "sizes", "linked"]),
    runs=st.booleans(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_is_cut_off_the_result_is_the_same(
    hub: Hub, content: bytes, cuts: list[int], ranges: bool, etag: str | None, tells: str, runs: bool
) -> None:
    hub.has(content)
    hub.ranges, hub.etag, hub.sums, hub.sizes, hub.linked = ranges, etag, tells == "sums", tells == "sizes", True
    hub.faults = [cut(at) for at in cuts]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "file"
        while runs and hub.faults and not target.exists():  # each interruption ends a run
            with contextlib.suppress(MienError):
                fetch(remote(hub), target, ONCE, Watch())
        assert target.exists() or fetched(hub, target) == content
        assert target.read_bytes() == content


@pytest.mark.parametrize("at", [0, 1, 5000, 10239])
def test_the_next_run_asks_only_for_the_rest(hub: Hub, tmp_path: Path, at: int) -> None:
    hub.faults = [cut(at)]
    error = failed(hub, tmp_path / "a", ONCE)
    assert error.code == "download-interrupted"
    assert part_of(tmp_path / "a").stat().st_size == at
    assert fetched(hub, tmp_path / "a") == hub.files[CHECKPOINT]
    assert [asked.begins_at for asked in hub.for_checkpoint] == [0, at]
    mark = hashlib.md5(hub.files[CHECKPOINT]).hexdigest()
    assert hub.for_checkpoint[-1].headers.get("if-range") == (f'"{mark}"' if at else None)


def test_a_part_tells_what_it_is_part_of(hub: Hub, tmp_path: Path) -> None:
    hub.faults = [cut(100)]
    failed(hub, tmp_path / "a", ONCE)
    record = json.loads(record_of(tmp_path / "a").read_text("utf-8"))
    assert record["source"] == f"{hub.id}@{hub.revision}/{CHECKPOINT}"
    assert record["bytes"] == len(hub.files[CHECKPOINT])
    assert record["sha256"] == hashlib.sha256(hub.files[CHECKPOINT]).hexdigest()


def test_a_whole_part_needs_no_server(hub: Hub, tmp_path: Path) -> None:
    hub.faults = [cut(100)]
    failed(hub, tmp_path / "a", ONCE)
    part_of(tmp_path / "a").write_bytes(hub.files[CHECKPOINT])
    assert fetched(hub, tmp_path / "a") == hub.files[CHECKPOINT]
    assert len(hub.for_checkpoint) == 1


@pytest.mark.parametrize("left", [b"", b"another file", b"x" * 20_000])
@pytest.mark.parametrize("record", [None, "", "[]", "{}", '{"sha256": 1, "etag": 7}', "[" * 50_000])
def test_whatever_lies_there_as_a_part_does_no_harm(hub: Hub, tmp_path: Path, left: bytes, record: str | None) -> None:
    part_of(tmp_path / "a").write_bytes(left)
    if record is not None:
        record_of(tmp_path / "a").write_text(record)
    assert fetched(hub, tmp_path / "a") == hub.files[CHECKPOINT]


@pytest.mark.parametrize("sums", [True, False])
def test_a_part_of_an_older_file_is_not_continued(hub: Hub, tmp_path: Path, sums: bool) -> None:
    hub.sums = sums
    hub.faults = [cut(5000)]
    failed(hub, tmp_path / "a", ONCE)
    hub.has(bytes(reversed(hub.files[CHECKPOINT])))
    assert fetched(hub, tmp_path / "a") == hub.files[CHECKPOINT]
    asked = [request.begins_at for request in hub.for_checkpoint]
    assert asked == ([0, 0] if sums else [0, 5000]), "without a checksum, the server compares its mark"


def test_a_part_that_is_too_long_is_begun_anew(hub: Hub, tmp_path: Path) -> None:
    hub.faults = [cut(5000)]
    failed(hub, tmp_path / "a", ONCE)
    part_of(tmp_path / "a").write_bytes(bytes(20_000))
    assert fetched(hub, tmp_path / "a") == hub.files[CHECKPOINT]
    assert [asked.begins_at for asked in hub.for_checkpoint] == [0, 0]


def test_a_file_that_became_shorter_than_its_part_is_begun_anew(hub: Hub, tmp_path: Path) -> None:
    hub.sums = hub.sizes = False
    hub.etag = '"1"'  # which does not change with it
    hub.faults = [cut(5000)]
    failed(hub, tmp_path / "a", ONCE)
    hub.has(b"short")
    assert fetched(hub, tmp_path / "a") == b"short"
    assert [asked.begins_at for asked in hub.for_checkpoint] == [0, 5000, 0]


@pytest.mark.parametrize("honest", [True, False])
def test_a_file_that_changes_while_it_is_fetched_is_not_patched_together(
    hub: Hub, tmp_path: Path, honest: bool
) -> None:
    old = hub.files[CHECKPOINT]

    def change(handler: object) -> bool:
        hub.files[CHECKPOINT] = bytes(reversed(old))
        if not honest:  # the storage says it is the same still
            hub.etag = '"1"'
        return False

    hub.etag = "sum" if honest else '"1"'
    hub.faults = [cut(5000), change]
    assert failed(hub, tmp_path / "a").code == "download-damaged"
    assert list(tmp_path.iterdir()) == []


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10240\r\n"


@pytest.mark.parametrize(
    "fault",
    [
        drop(), drop(b"HT"), drop(b"HTTP/1.1 200 OK\r\nContent-Le"), drop(HEAD + b"\r\n"), drop(HEAD + b"\r\nbytes"),
        drop(b"nonsense\r\n\r\n"), drop(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), cut(0),
        status(500), status(502), status(503, Retry_After="0"), status(429, Retry_After="0"), status(408), elsewhere,
        status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), status(503, Retry_After="soon"), status(416), hold(9),
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", [0, 3000])
def test_what_may_pass_is_tried_again(hub: Hub, tmp_path: Path, fault: Fault, before: int) -> None:
    hub.faults = [*([cut(before)] if before else []), fault]
    heard = Heard()
    assert fetched(hub, tmp_path / "a", replace(HASTE, timeout=0.3), heard) == hub.files[CHECKPOINT]
    assert heard.errors


@pytest.mark.parametrize("fault", [damaged, lying(9000), lying(20_000), empty, page])
@pytest.mark.parametrize("before", [0, 3000])
def test_what_arrives_damaged_is_fetched_once_more_from_its_beginning(
    hub: Hub, tmp_path: Path, fault: Fault, before: int
) -> None:
    hub.faults = [*([cut(before)] if before else []), fault]
    assert fetched(hub, tmp_path / "a") == hub.files[CHECKPOINT]
    assert hub.for_checkpoint[-1].begins_at == 0


@pytest.mark.parametrize("fault", [damaged, lying(9000), lying(20_000), empty, page])
def test_what_is_damaged_twice_is_given_up(hub: Hub, tmp_path: Path, fault: Fault) -> None:
    hub.faults = [fault] * 9
    error = failed(hub, tmp_path / "a")
    assert error.code == "download-damaged"
    assert isinstance(error, ModelError)
    assert len(hub.for_checkpoint) == 2
    assert list(tmp_path.iterdir()) == [], "the damaged part is thrown away"


@pytest.mark.parametrize(
    ("code", "told", "requests"),
    [
        (401, "hub-refused", 1), (403, "hub-refused", 1), (404, "hub-not-found", 1), (410, "hub-refused", 1),
        (500, "download-interrupted", 4), (503, "download-interrupted", 4), (429, "download-interrupted", 4),
    ],
)  # fmt: skip
def test_what_does_not_pass_is_told(hub: Hub, tmp_path: Path, code: int, told: str, requests: int) -> None:
    hub.faults = [status(code)] * 9
    assert failed(hub, tmp_path / "a").code == told
    assert len(hub.for_checkpoint) == requests


def test_what_came_is_kept_when_it_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.faults = [cut(5000), *[status(500)] * 9]
    error = failed(hub, tmp_path / "a")
    assert error.values["done"] == "0.0"
    assert part_of(tmp_path / "a").stat().st_size == 5000


def test_a_connection_that_moves_on_is_not_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.has(bytes(PROGRESS * 8))
    hub.faults = [cut(PROGRESS)] * 7
    assert len(fetched(hub, tmp_path / "a", replace(HASTE, attempts=2))) == PROGRESS * 8


def test_a_server_that_only_drips_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.faults = [dripping] * 3
    patience = replace(HASTE, attempts=2, window=0.2, slowest=100_000)
    error = failed(hub, tmp_path / "a", patience)
    assert error.code == "download-interrupted"
    assert part_of(tmp_path / "a").stat().st_size > 0


def test_an_encoded_body_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.faults = [zipped]
    assert failed(hub, tmp_path / "a").code == "hub-answer"


def test_a_server_that_sends_a_range_unasked_is_not_believed(hub: Hub, tmp_path: Path) -> None:
    hub.faults = [elsewhere] * 9
    assert failed(hub, tmp_path / "a").code == "download-interrupted"


def test_without_any_sum_or_length_nothing_is_taken(hub: Hub, tmp_path: Path) -> None:
    hub.sums = hub.sizes = False

    def endless(handler: object) -> bool:
        return drop(b"HTTP/1.1 200 OK\r\n\r\nabc")(handler)  # type: ignore[arg-type]

    hub.faults = [endless]
    assert failed(hub, tmp_path / "a").code == "hub-unverifiable"


@pytest.mark.parametrize("sizes", [True, False])
def test_more_than_the_limit_is_never_taken(hub: Hub, tmp_path: Path, sizes: bool) -> None:
    hub.sizes = sizes
    file = replace(remote(hub), max_bytes=5000, size=None)
    with pytest.raises(ModelError) as caught:
        fetch(file, tmp_path / "a", HASTE, Watch())
    assert caught.value.code == "download-too-large"

    def endless(handler: object) -> bool:
        return drop(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 9000)(handler)  # type: ignore[arg-type]

    hub.faults = [endless] * 2
    with pytest.raises(MienError):
        fetch(file, tmp_path / "a", ONCE, Watch())
    assert not part_of(tmp_path / "a").exists() or part_of(tmp_path / "a").stat().st_size <= 5000


def test_a_folder_that_cannot_be_written_is_told(hub: Hub, tmp_path: Path) -> None:
    assert failed(hub, tmp_path / "nowhere" / "a").code == "file-unwritable"


def test_a_file_that_the_hub_lost_is_not_there(hub: Hub, tmp_path: Path) -> None:
    file = remote(hub)
    hub.files = {}
    with pytest.raises(NotThere) as caught:
        fetch(file, tmp_path / "a", HASTE, Watch())
    assert "record not found" in caught.value.message()
