"""The search box goes on from what is written, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.search.completion import complete
from tests.search.notation import NAMES


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("", None),
        ("red ", None),
        ("An", "Anna"),
        ("woman in a dre", "dress"),
        ("red dre", "dress"),
        ("sum", "summer"),
        ("next", "next to"),
        ("smi", "Mary Smith (May)"),
        ("may", None),
        ("李", "李娜"),
        ("lin", "李娜"),
        ("穿红色的连", "连衣裙"),
        ("lianyi", "连衣裙"),
        ("wj", "围巾"),
        ("去年夏", "夏天"),
        ("weij", "围巾"),
    ],
)
def test_a_beginning_is_gone_on_with(text: str, offered: str | None) -> None:
    found = complete(text, len(text), NAMES)
    if offered is None:
        assert all(c.label.lower() != text.strip() for c in found)
    else:
        assert offered in [c.label for c in found]


def test_words_of_the_letters_that_are_typed_come_first() -> None:
    labels = [c.label for c in complete("re", 2, NAMES)]
    assert labels[0] == "red"
    assert "热裤" in labels  # rè kù
    assert complete("ha", 2, NAMES)[0].label == "hat"
    assert "shirt" in [c.label for c in complete("blue s", 6, NAMES)]
    assert complete("红", 1, NAMES)[0].label == "红色"


def test_behind_a_colour_only_what_is_worn_is_offered() -> None:
    assert {c.kind for c in complete("red s", 5, NAMES)} == {"worn"}


def test_the_completed_text_keeps_what_stands_around() -> None:
    (first, *_) = complete("with An in red", 7, NAMES)
    assert first.text == "with Anna in red"
    assert first.span == (5, 7)


@given(st.text(max_size=60), st.integers(0, 60))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for completion in complete(text, cursor, NAMES, limit=5):
        assert completion.text.startswith(text[: completion.span[0]])
        assert completion.text.endswith(text[cursor:])
