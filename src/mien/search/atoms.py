"""A question → its smallest parts: English words, Chinese characters, numbers, dates, clock times and signs."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from mien.search.query import Span
from mien.search.slips import Callings
from mien.search.spelling import is_chinese, plain

_QUOTES = set("'\"“”„‟‘’‚‛«»‹›「」『』《》〈〉〝〞〟′″")
"""Signs around words that say nothing."""
_UNSEEN = {"Cc", "Cf", "Mn", "Me"}
"""Categories of signs that show nothing by themselves: controls, joiners, marks without a letter."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_WRITTEN_OUT = {"w/": "with", "w/o": "without", "b/w": "black and white photo", "b&w": "black and white photo"}
_ATOM = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-./])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9])(?!\d)"  # 2024-05-03
    r"|(?<!\d)(?:3[01]|[12]\d|0?[1-9])([-./])(?:3[01]|[12]\d|0?[1-9])\2(?:19|20)\d\d(?!\d)"  # 3.5.2024
    r"|(?<![\d./-])(?:1[0-2]|0?[1-9])[/.](?:19|20)\d\d(?![\d./-])"  # 5/2024
    r"|(?<!\d)(?:19|20)\d\d[-/.](?:1[0-2]|0[1-9])(?![-./]?\d)"  # 2024-05
    r"|(?<![\d:])(?:[01]?\d|2[0-3])(?::[0-5]\d(?![\d:])|\.[0-5]\d(?= ?[ap]\.?m\b))"  # 15:30, 3.30 pm
    r"|(?<![^\W\d_])[ap]\.m\b\.?"
    r"|(?<![^\W\d_])(?:w/o?|b ?[&/] ?w)(?![^\W\d_])"
    r"|(?<!\w)'\d\d(?!\d)"  # '69
    r"|(?<![\w.])(?<![\w.] )-\d{1,3}(?![\w./-])"  # -1 counts nobody
    r"|\d+"
    r"|[㐀-鿿豈-﫿〇𠀀-𯿿]"
    r"|[^\W\d_㐀-鿿豈-﫿〇𠀀-𯿿](?:[^\W\d_㐀-鿿豈-﫿〇𠀀-𯿿]|[\u0300-\u036f])*"
    r"|\S"
)
_LEFT_OUT = re.compile(r"(?<!\S)-(?=[^\W\d_])")
"""Anna -Tom: without him."""


@dataclass(frozen=True)
class Atom:
    text: str
    span: Span

    @property
    def is_chinese(self) -> bool:
        return is_chinese(self.text[-1])


def atoms(text: str, names: Callings, places: Callable[[str], tuple[str, ...]]) -> list[Atom]:
    """The parts of `text` in order, written plainly, slips corrected; without blanks, quotes and what is not seen."""
    found: list[Atom] = []
    written = plain(text)
    for match in _ATOM.finditer(written):
        said, at = match[0], match.start()
        if said in _QUOTES or (said == "-" and _is_within(written, at)) or _is_unseen(said):
            continue
        said = _ACCENTS.sub("", said)
        said = _WRITTEN_OUT.get(said.replace(" ", ""), said)
        if said[-2:] == "m." or said[1:] == ".m":
            said = f"{said[0]}m"
        if text[at] == "-" and _LEFT_OUT.match(written, at):
            said = "without"
        if said[0] == "'":
            said = f"{'20' if said[1] in '012' else '19'}{said[1:]}"
        is_english = said.isalpha() and not is_chinese(said[0])
        if is_english and said not in names.parts and not places(said):
            said = names.corrected(said)
        found.append(Atom(said, match.span()))
    return found


def _is_unseen(said: str) -> bool:
    return len(said) == 1 and (unicodedata.category(said) in _UNSEEN or ord(said) in _SKIN_TONES)


def _is_within(written: str, at: int) -> bool:
    """Whether this sign joins two parts of an English word: isn't, long-sleeved."""
    before, after = written[at - 1 : at], written[at + 1 : at + 2]
    return before.isalpha() and after.isalpha() and not is_chinese(before) and not is_chinese(after)


def gap(one: Atom, other: Atom) -> str | None:
    """What stands between two atoms of one word; None: they are never of one."""
    if not (one.text[-1].isalnum() and other.text[0].isalnum()):
        return None
    if one.is_chinese or other.is_chinese:
        return "" if one.span[1] == other.span[0] else None
    return " "
