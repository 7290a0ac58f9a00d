"""One way of writing for all: full width, capitals, accents and traditional characters, letter by letter."""

import functools
import unicodedata
from typing import Any

_AS_WRITTEN_HERE = {"著": "着", "’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "—": "-", "–": "-", "−": "-",
                    "揹": "背"}  # fmt: skip
"""著 for 着 and 揹 for 背 are Taiwan's and Hong Kong's; OpenCC leaves them, as 著 is also one of its own (著名)."""


@functools.cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@functools.lru_cache(maxsize=8192)
def _plain(letter: str) -> str:
    """One letter for one letter."""
    if letter.isascii():
        return letter.lower()
    if letter in _AS_WRITTEN_HERE:
        return _AS_WRITTEN_HERE[letter]
    narrow = unicodedata.normalize("NFKD", letter)[:1] or letter
    if is_chinese(narrow):
        simple = str(_simplifier().convert(narrow))
        return _AS_WRITTEN_HERE.get(simple, simple) if len(simple) == 1 else narrow
    small = narrow.lower()
    return small if len(small) == 1 else narrow


def plain(text: str) -> str:
    """`text` in small letters, half width, without accents, in simplified characters; as long as it was."""
    return "".join(_plain(letter) for letter in text)


def is_chinese(letter: str) -> bool:
    """Whether this is a Chinese character (CJK ideographs, and 〇)."""
    return "㐀" <= letter <= "鿿" or "豈" <= letter <= "﫿" or letter == "〇" or letter >= "𠀀"
