"""The search box goes on from what is written, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.language import Language
from mien.search.completion import complete
from tests.search.notation import NAMES


@pytest.mark.parametrize(
    ("text", "language", "offered"),
    [
        ("", "en", None),
        ("red ", "en", None),
        ("An", "en", "Anna"),
        ("woman in a dre", "en", "dress"),
        ("red dre", "en", "dress"),
        ("sum", "en", "summer"),
        ("next", "en", "next to"),
        ("smi", "en", "Mary Smith (May)"),
        ("may", "en", None),
        ("李", "zh", "李娜"),
        ("lin", "zh", "李娜"),
        ("穿红色的连", "zh", "连衣裙"),
        ("lianyi", "zh", "连衣裙"),
        ("wj", "zh", "围巾"),
        ("去年夏", "zh", "夏天"),
        ("weij", "zh", "围巾"),
    ],
)
def test_a_beginning_is_gone_on_with(text: str, language: Language, offered: str | None) -> None:
    found = complete(text, len(text), NAMES, language)
    if offered is None:
        assert all(c.label.lower() != text.strip() for c in found)
    else:
        assert offered in [c.label for c in found]


def test_behind_a_colour_only_what_is_worn_is_offered() -> None:
    assert {c.kind for c in complete("red s", 5, NAMES, "en")} == {"worn"}


def test_the_completed_text_keeps_what_stands_around() -> None:
    (first, *_) = complete("with An in red", 7, NAMES, "en")
    assert first.text == "with Anna in red"
    assert first.span == (5, 7)


@given(st.text(max_size=60), st.integers(0, 60))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for completion in complete(text, cursor, NAMES, "zh", limit=5):
        assert completion.text.startswith(text[: completion.span[0]])
        assert completion.text.endswith(text[cursor:])
