"""Where the hub is, and what its listings say; nothing in them can lead outside."""

import json
from typing import Any

import pytest

from mien.errors import MienError
from mien.models import hub as protocol
from mien.models.download import Watch
from mien.models.hub import DEFAULT_ENDPOINT, Found, endpoint
from mien.models.registry import FILE_NAME, NAME, SHA256, known_models
from mien.models.transport import NotThere, Patience
from tests.models.hub import CHECKPOINT, CONFIGURATION, M2FP, Hub

ONCE = Patience(timeout=10, attempts=1)


def look_up(hub: Hub) -> Found:
    return protocol.look_up(M2FP, hub.address, ONCE, Watch().retrying)


@pytest.mark.parametrize("name", known_models())
def test_the_registry_is_sound(name: str) -> None:
    model = known_models()[name]
    assert NAME.fullmatch(model.name)
    assert NAME.fullmatch(model.folder)
    assert model.ids
    assert model.revisions
    for file in (model.checkpoint, model.configuration):
        assert FILE_NAME.fullmatch(file.name)
        assert 0 < file.about_bytes <= file.max_bytes
        assert file.sha256 is None or SHA256.fullmatch(file.sha256)
    assert model.checkpoint.name != model.configuration.name
    assert model.page.startswith("https://")


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        (None, {}, DEFAULT_ENDPOINT),
        (None, {"MODELSCOPE_ENDPOINT": ""}, DEFAULT_ENDPOINT),
        (None, {"MODELSCOPE_ENDPOINT": "https://mirror.example/"}, "https://mirror.example"),
        (None, {"MODELSCOPE_DOMAIN": "www.modelscope.cn"}, "https://www.modelscope.cn"),
        (None, {"MODELSCOPE_ENDPOINT": "a.example", "MODELSCOPE_DOMAIN": "b.example"}, "https://a.example"),
        ("http://10.0.0.5:8080/hub/", {"MODELSCOPE_ENDPOINT": "a.example"}, "http://10.0.0.5:8080/hub"),
        (" modelscope.ai ", {}, "https://modelscope.ai"),
        ("[::1]:8080", {}, "https://[::1]:8080"),
    ],
)
def test_the_hub_is_the_one_that_was_chosen(
    given: str | None, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELSCOPE_ENDPOINT")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert endpoint(given) == expected


@pytest.mark.parametrize(
    "given",
    ["ftp://a.example", "file:///etc", "https://", "https://user:secret@a.example", "https://a.example?x=1",
     "https://a.example#x", "https://a.example:99999", "https://a b", "https://模型.example", "https://[", "http://a:0"],
)  # fmt: skip
def test_what_is_no_address_is_told(given: str) -> None:
    with pytest.raises(MienError) as caught:
        endpoint(given)
    assert caught.value.code == "hub-endpoint"


def test_the_listing_tells_size_and_checksum(hub: Hub) -> None:
    found = look_up(hub)
    assert (found.id, found.revision, found.endpoint) == (M2FP.ids[0], M2FP.revisions[0], hub.address)
    assert found.checkpoint.size == len(hub.files[CHECKPOINT])
    assert found.configuration.name == CONFIGURATION
    assert found.checkpoint.sha256 is not None
    hub.sums = hub.sizes = False
    assert (look_up(hub).checkpoint.sha256, look_up(hub).checkpoint.size) == (None, None)


@pytest.mark.parametrize("id_", M2FP.ids)
@pytest.mark.parametrize("revision", M2FP.revisions)
def test_the_model_is_found_under_any_of_its_ids_and_revisions(hub: Hub, id_: str, revision: str) -> None:
    hub.id, hub.revision = id_, revision
    found = look_up(hub)
    assert (found.id, found.revision) == (id_, revision)


def test_a_hub_without_the_model_says_so_in_its_own_words(hub: Hub) -> None:
    hub.id = "somebody/else"
    with pytest.raises(NotThere) as caught:
        look_up(hub)
    assert "record not found" in caught.value.message()
    assert len(hub.asked) == len(M2FP.ids) * len(M2FP.revisions)


def listing(**files: Any) -> dict[str, Any]:
    return {"Code": 200, "Success": True, "Data": {"Files": list(files.values())}}


BLOB = {"Type": "blob", "Size": 10, "Sha256": "0" * 64}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "hub-answer"),
        (b"<html>Welcome to the hotel</html>", "hub-answer"),
        (b"[" * 100_000, "hub-answer"),
        (b"\xff\xfe", "hub-answer"),
        (b"null", "hub-answer"),
        ([], "hub-answer"),
        ({}, "hub-answer"),
        ({"Code": 200, "Data": None}, "hub-answer"),
        ({"Code": 200, "Data": {"Files": None}}, "hub-answer"),
        ({"Code": 200, "Data": {"Files": [1, "a", None]}}, "hub-not-found"),
        ({"Code": 10010205001, "Message": "record not found", "Success": False}, "hub-not-found"),
        ({"Code": 500, "Message": "boom", "Success": False}, "hub-refused"),
        (listing(), "hub-not-found"),
        (listing(a={**BLOB, "Path": CHECKPOINT}), "hub-not-found"),
        (listing(a={**BLOB, "Path": f"../{CHECKPOINT}"}, b={**BLOB, "Path": CONFIGURATION}), "hub-not-found"),
        (listing(a={"Type": "tree", "Path": CHECKPOINT}, b={**BLOB, "Path": CONFIGURATION}), "hub-not-found"),
        (listing(a={**BLOB, "Path": CHECKPOINT, "Size": 10**12}), "download-too-large"),
    ],
)  # fmt: skip
def test_listings_that_are_none_are_told(hub: Hub, answer: Any, code: str) -> None:
    hub.listing = answer
    with pytest.raises(MienError) as caught:
        look_up(hub)
    assert caught.value.code == code


@pytest.mark.parametrize("size", [0, -5, "10", None, 1.5, [1]])
@pytest.mark.parametrize("sha256", ["", None, "abc", "g" * 64, 5, ["0" * 64], "/" * 64])
def test_sizes_and_checksums_that_are_none_are_left_out(hub: Hub, size: Any, sha256: Any) -> None:
    entry = {"Type": "blob", "Size": size, "Sha256": sha256}
    hub.listing = listing(a={**entry, "Path": CHECKPOINT}, b={**entry, "Path": CONFIGURATION})
    found = look_up(hub)
    assert (found.checkpoint.size, found.checkpoint.sha256) == (None, None)


def test_a_bare_list_is_a_listing_too(hub: Hub) -> None:
    hub.listing = {"Data": hub.entries()}
    assert look_up(hub).checkpoint.size == len(hub.files[CHECKPOINT])


def test_a_listing_without_end_is_not_read(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_LISTING", 1000)
    hub.listing = json.dumps(listing(a={"Path": "x" * 2000})).encode()
    with pytest.raises(MienError) as caught:
        look_up(hub)
    assert caught.value.code == "hub-answer"
