"""Names as they are written down."""

import re

from mien.errors import UnknownName

LONGEST_NAME = 200
"""Characters."""

_JOINERS = "\u200c\u200d"  # parts of words in Persian and Indic scripts, and of emoji

_LOOSE_JOINERS = re.compile(
    rf"^[{_JOINERS}]+|(?<![\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[{_JOINERS}]+$"
)
"""Joiners of a word that join nothing. After a virama, one at the end shapes the last letter."""

_BLANK = re.compile(
    rf"[ {_JOINERS}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f"
    "\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]*"
)
"""What shows nothing by itself, though Unicode counts it as printable: joiners, fillers of Hangul syllables, the empty
Braille pattern, inherent vowels, variation selectors."""


def tidy(name: str) -> str:
    """A name as it is kept: without control characters and loose joiners, each run of spaces one space."""
    words = "".join(c if c.isprintable() or c in _JOINERS else " " for c in name).split()
    tidied = " ".join(tight for word in words if (tight := _LOOSE_JOINERS.sub("", word)))
    if _BLANK.fullmatch(tidied):
        raise UnknownName("name-empty")
    if len(tidied) > LONGEST_NAME:
        raise UnknownName("name-too-long", longest=LONGEST_NAME)
    return tidied
