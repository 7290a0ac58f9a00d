"""Every text exists in both languages and says the same things."""

import string

import pytest

from mien.errors import MienError, UnreadablePhoto
from mien.language import LANGUAGES, current_language, messages, speaking, text


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("key", sorted(messages()))
def test_both_languages_say_the_same(key: str) -> None:
    entry = messages()[key]
    assert set(entry) == set(LANGUAGES)
    assert all(entry.values()), f"{key} is empty in a language"
    assert placeholders(entry["en"]) == placeholders(entry["zh"])


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"MIEN_LANG": "zh"}, "zh"),
        ({"MIEN_LANG": "", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"MIEN_LANG": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "de_DE.UTF-8"}, "en"),
        ({"MIEN_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_language_follows_the_user(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert current_language() == expected


def test_a_block_may_speak_another_language() -> None:
    with speaking("zh"):
        assert current_language() == "zh"
        with speaking("en"):
            assert current_language() == "en"
        assert MienError("stopped").message() == MienError("stopped").message("zh")
    assert current_language() == "en"


def test_an_error_is_stored_without_a_language() -> None:
    error = MienError("model-missing", file="pose.onnx")
    back = UnreadablePhoto.from_record(error.to_record())
    assert back.message("en") == error.message("en")
    assert "pose.onnx" in back.message("zh") != back.message("en")


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no.such.text")
