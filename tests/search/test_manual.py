"""The page on what can be asked is up to date, and the lexicon is sound."""

from pathlib import Path

import pytest

from mien.language import LANGUAGES, Language
from mien.search import lexicon, manual
from mien.search.spelling import plain
from mien.traits import lexicon as traits

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_up_to_date(language: Language) -> None:
    page = (DOCS / manual.page_name(language)).read_text(encoding="utf-8")
    assert page.endswith(manual.generated(language)), "run: python -m mien.search.manual"


def test_words_are_written_plainly() -> None:
    for word in lexicon.vocabulary():
        assert plain(word) == word, word
        assert word == word.strip()
        assert "-" not in word or len(word) == 1, word


def test_colours_of_the_lexicon_are_the_traits() -> None:
    known = {entry.name for entry in traits.entries("colour")}
    assert {row["is"] for row in lexicon.tables()["colour"]} == known


def test_all_that_is_worn_is_answered_by_a_trait() -> None:
    worn = lexicon.worn()
    for item in worn.values():
        assert item.answers or all(worn[thing].answers for thing in item.things)
        assert item.things <= set(worn)
