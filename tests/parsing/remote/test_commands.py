"""The command line with an engine elsewhere: what is said, and what is refused."""

import importlib
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from mien.cli.options import say_where_photos_go
from mien.errors import MienError
from mien.language import LANGUAGES, Language, speaking
from tests.parsing.remote.impostor import Impostor, answer, introduced

CERTIFICATE, KEY = (Path(__file__).parent / f"throw-away-test-{name}.pem" for name in ("certificate", "key"))


def called(name: str, *arguments: str | Path) -> Result:
    command: click.Command = importlib.import_module(f"mien.cli.{name}").command
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.mark.parametrize("language", LANGUAGES)
def test_users_are_told_where_photos_go(
    language: Language, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_ENGINE_INSECURE", "1")
    leaves, encrypted = {"en": ("leave this machine", "not encrypted"), "zh": ("离开本机", "未加密")}[language]
    said = {}
    for engine in ("lite", "http://127.0.0.1:8420", "https://desktop:8420", "http://desktop:8420"):
        with speaking(language):
            say_where_photos_go(engine)
        out, said[engine] = capsys.readouterr()
        assert out == ""
    assert said["lite"] == ""
    assert "127.0.0.1:8420" in said["http://127.0.0.1:8420"]
    assert leaves not in said["http://127.0.0.1:8420"]
    for engine in ("https://desktop:8420", "http://desktop:8420"):
        assert said[engine].count(leaves) == 1
        assert "desktop" in said[engine]
        assert (encrypted in said[engine]) == engine.startswith("http:")


@pytest.mark.parametrize("command", [("parse", "a.png"), ("index", "."), ("serve",), ("doctor",)])
@pytest.mark.parametrize(
    ("engine", "code"),
    [("https://a:secret-word@b", "remote-credentials"), ("http://b", "remote-plain"), ("http://b/c", "remote-address")],
)
def test_what_is_no_safe_address_is_refused_by_every_command(command: tuple[str, ...], engine: str, code: str) -> None:
    result = called(*command, "--engine", engine)
    assert isinstance(result.exception, MienError)
    assert result.exception.code == code
    assert "secret-word" not in result.output + result.exception.message("en") + result.exception.message("zh")


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        (("--host", "0.0.0.0"), "remote-needs-tls"),
        (("--engine", "https://desktop"), "remote-no-relay"),
        (("--tls-cert", KEY, "--tls-key", KEY), "remote-certificate"),
        (("--tls-cert", CERTIFICATE), "--tls-key"),
        (("--tls-cert", "nowhere.pem", "--tls-key", KEY), "nowhere.pem"),
    ],
)
def test_what_is_not_served(arguments: tuple[str | Path, ...], refused: str) -> None:
    result = called("serve", "--parser-only", "--port", "0", *arguments)
    if isinstance(result.exception, MienError):
        assert result.exception.code == refused
    else:
        assert result.exit_code == 2
        assert refused in result.output


def test_a_token_too_easily_guessed_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_ENGINE_TOKEN", "letmein")
    result = called("serve", "--parser-only", "--port", "0")
    assert isinstance(result.exception, MienError)
    assert result.exception.code == "remote-token-unfit"
    assert "letmein" not in result.exception.message()


@pytest.mark.parametrize("option", [("--tls-cert", KEY), ("--tls-key", KEY), ("--insecure",)])
def test_an_album_has_no_such_option(option: tuple[str | Path, ...]) -> None:
    result = called("serve", *option)
    assert result.exit_code == 2
    assert "--parser-only" in result.output


def test_parse_ends_when_the_service_cannot_be_used(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(astronaut).save(tmp_path / "a.png")
    with Impostor(introduction=introduced(protocol=5, mien="7.7")) as other:
        result = called("parse", tmp_path / "a.png", "--engine", other.address)
    assert isinstance(result.exception, MienError)
    assert result.exception.code == "remote-version"
    with Impostor(answer(401, {"error": "no"})) as other:
        result = called("parse", tmp_path / "a.png", tmp_path / "a.png", "--engine", other.address)
        assert isinstance(result.exception, MienError)
        assert result.exception.code == "remote-token-missing"
        assert len(other.asked) == 1, "the other photo would fare no better"


def test_parse_goes_on_after_a_photo_that_is_refused(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(astronaut).save(tmp_path / "a.png")
    with Impostor(answer(422, {"error": "not this one"})) as other:
        result = called("parse", tmp_path / "a.png", tmp_path / "a.png", "--engine", other.address)
    assert isinstance(result.exception, MienError)
    assert result.exception.code == "some-images-failed"
    assert result.output.count("not this one") == 2
    assert str(tmp_path / "a.png") in result.output
