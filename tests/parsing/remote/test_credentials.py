"""Tokens and certificates: where they come from, and that no message has them in it."""

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.parsing.remote.credentials import client_context, known_token, server_context

TOKEN = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MIEN_ENGINE_TOKEN", "MIEN_ENGINE_TOKEN_FILE", "MIEN_ENGINE_CA"):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_there_is_none() -> None:
    assert known_token() is None


def test_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text(f"  {TOKEN}\r\n")
    monkeypatch.setenv("MIEN_ENGINE_TOKEN_FILE", str(file))
    assert known_token() == TOKEN
    monkeypatch.setenv("MIEN_ENGINE_TOKEN", TOKEN[::-1])
    assert known_token() == TOKEN[::-1]


@pytest.mark.parametrize(
    "token", ["short", "with space in the middle", "ümlaut-ümlaut-ümlaut", "line\nline-line-line-x"]
)
def test_what_cannot_be_a_token_is_refused_and_not_repeated(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_ENGINE_TOKEN", token)
    with pytest.raises(MienError) as refused:
        known_token()
    assert refused.value.code == "remote-token-unfit"
    assert token not in refused.value.message("en") + refused.value.message("zh")


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "remote-token-file"), (b"", "remote-token-unfit"), (b"\xff" * 20, "remote-token-unfit")],
)
def test_a_file_without_a_token_is_told(
    content: bytes | None, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("MIEN_ENGINE_TOKEN_FILE", str(file))
    with pytest.raises(MienError) as refused:
        known_token()
    assert (refused.value.code, str(file) in refused.value.message()) == (code, True)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_certificates_that_are_none(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("MIEN_ENGINE_CA", str(file))
    with pytest.raises(MienError) as refused:
        client_context()
    assert refused.value.code == "remote-ca"
    with pytest.raises(MienError) as refused:
        server_context(file, file)
    assert refused.value.code == "remote-certificate"
