"""What the two sides say: it is believed only as far as it makes sense."""

import io
import json
import zipfile
from typing import Any

import pytest

from mien.parsing.parse import Parse
from mien.parsing.remote import protocol
from mien.parsing.remote.protocol import Description, Identity, parse_from_bytes

DESCRIPTION = Description("1.2.3", protocol.VERSION, "m2fp", "0123abcd", 4)


def test_a_description_is_understood_also_if_it_says_more() -> None:
    said = json.loads(json.dumps({**DESCRIPTION.to_json(), "colour": "blue"}))
    assert Description.from_json(said) == DESCRIPTION
    assert DESCRIPTION.identity == Identity("m2fp", "0123abcd")


def test_of_another_version_only_that_is_believed() -> None:
    said = {"service": protocol.SERVICE, "mien": "9.0", "protocol": protocol.VERSION + 1, "engines": ["a", "b"]}
    description = Description.from_json(said)
    assert (description.mien, description.protocol, description.engine) == ("9.0", protocol.VERSION + 1, "")


@pytest.mark.parametrize(
    "change",
    [
        {"service": "something"}, {"mien": None}, {"mien": "1\n2"}, {"protocol": "1"}, {"protocol": True},
        {"protocol": 0}, {"engine": ""}, {"engine": "a b"}, {"engine": "x" * 200}, {"engine": "<script>"},
        {"fingerprint": 7}, {"jobs": -1}, {"max_bytes": 1e9}, {"max_pixels": None},
    ],
)  # fmt: skip
def test_nonsense_is_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Description.from_json({**DESCRIPTION.to_json(), **change})


@pytest.mark.parametrize("said", [None, [], "mien-parser", 1, {}])
def test_other_json_is_no_description(said: Any) -> None:
    with pytest.raises(ValueError):
        Description.from_json(said)


@pytest.mark.parametrize("header", [None, "", "lite", "lite ", " f", "li:te\x7f f", "lite f\n", "lite é"])
def test_headers_that_name_no_engine(header: str | None) -> None:
    with pytest.raises(ValueError):
        Identity.from_header(header)


def test_identities_survive_their_header() -> None:
    assert Identity.from_header(Identity("m2fp:bf16", "a1").to_header()) == Identity("m2fp:bf16", "a1")


def test_parses() -> None:
    data = Parse.empty(4, 3).to_bytes()
    assert parse_from_bytes(data).to_bytes() == data


@pytest.mark.parametrize("cut", [0, 1, 100, 400])
def test_a_parse_that_is_cut_off_is_none(cut: int) -> None:
    with pytest.raises(ValueError):
        parse_from_bytes(Parse.empty(4, 3).to_bytes()[:cut])


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("figures.npy", bytes(70 << 20))
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(ValueError, match="bytes"):
        parse_from_bytes(file.getvalue())
