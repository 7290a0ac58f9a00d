"""Addresses: what is one, and where photos may go."""

import pytest

from mien.errors import MienError
from mien.parsing.remote.address import Address, is_address


@pytest.mark.parametrize(
    ("engine", "address", "is_here"),
    [
        ("http://127.0.0.1:8420", "http://127.0.0.1:8420", True),
        ("http://localhost:8420/", "http://localhost:8420", True),
        ("HTTP://LOCALHOST", "http://localhost:80", True),
        ("http://[::1]:8420", "http://[::1]:8420", True),
        ("http://127.1.2.3:1", "http://127.1.2.3:1", True),
        ("https://desktop", "https://desktop:443", False),
        ("https://192.168.1.5:8420", "https://192.168.1.5:8420", False),
    ],
)
def test_addresses(engine: str, address: str, is_here: bool) -> None:
    found = Address.of(engine)
    assert (str(found), found.is_here, is_address(engine)) == (address, is_here, True)


@pytest.mark.parametrize("name", ["lite", "m2fp", "", "ftp://desktop", "desktop:8420"])
def test_other_names_are_none(name: str) -> None:
    assert not is_address(name)
    with pytest.raises(MienError) as refused:
        Address.of(name)
    assert refused.value.code == "remote-address"


@pytest.mark.parametrize(
    "engine",
    [
        "http://", "https://:8420", "http://localhost:x", "http://localhost:99999", "http://localhost/mien",
        "http://localhost?token=secret", "http://localhost#x", "http://[::1", "http://a:secret@localhost:x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_no_address_is_told_without_secrets(engine: str, language: str) -> None:
    with pytest.raises(MienError) as refused:
        Address.of(engine)
    assert refused.value.code == "remote-address"
    assert "secret" not in refused.value.message("zh" if language == "zh" else "en")


@pytest.mark.parametrize(
    "engine", ["https://anna:secret@desktop:8420", "https://secret@desktop", "http://a:secret@::1"]
)
def test_credentials_are_refused_and_not_repeated(engine: str) -> None:
    with pytest.raises(MienError) as refused:
        Address.of(engine)
    assert refused.value.code in ("remote-credentials", "remote-address")
    assert "secret" not in str(refused.value) + repr(refused.value.values)


def test_photos_go_nowhere_else_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MienError) as refused:
        Address.of("http://192.168.1.5:8420")
    assert refused.value.code == "remote-plain"
    monkeypatch.setenv("MIEN_ENGINE_INSECURE", "1")
    assert not Address.of("http://192.168.1.5:8420").is_encrypted
