"""How people of the library may be called: by their whole names, parts of them, nicknames and in pinyin."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator

from mien.search.lexicon import vocabulary
from mien.search.slips import Callings
from mien.search.spelling import is_chinese, plain

_COMPOUND_SURNAMES = re.compile("欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|夏侯|令狐|长孙|宇文|端木|南宫")
_TITLES = {
    "grandpa": "爷爷 外公 姥爷", "grandma": "奶奶 外婆 姥姥", "uncle": "叔叔 伯伯 舅舅", "aunt": "阿姨 姑姑 姨妈",
    "dad": "爸爸", "mom": "妈妈", "teacher": "老师", "doctor": "医生", "sister": "姐姐 妹妹", "brother": "哥哥 弟弟",
}  # fmt: skip
"""What somebody is called besides a name, and what that is in Chinese."""
_SPELLINGS = {"granddad": "grandpa", "grandad": "grandpa", "grandfather": "grandpa", "grandmother": "grandma",
              "granny": "grandma", "nana": "grandma", "auntie": "aunt", "aunty": "aunt", "mum": "mom", "dr": "doctor",
              "mummy": "mom", "daddy": "dad"}  # fmt: skip
_LONGEST_RUN = 4
"""Parts."""
_PARTICLES = re.compile("van|von|der|den|de|da|di|del|la|le|du|of|the|and|dr|mr|mrs|ms|prof|jr|sr")


@functools.lru_cache(maxsize=4)
def callings(names: tuple[str, ...]) -> Callings:
    """Each way to call somebody, written plainly, → the whole names of those who may be meant."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for calling in _callings(name):
            found[calling].add(name)
    return Callings({calling: frozenset(meant) for calling, meant in found.items()})


def _callings(name: str) -> set[str]:
    """Nicknames stand in parentheses, behind a slash or in quotation marks: "王小明 (明明)", "Robert / Bob"."""
    written = plain(name)
    called: set[str] = set()
    for part in re.split(r"[()/|\[\]\"“”,;]", written):
        tokens = [t for t in re.split(r"[\s\-'.·_]+", part) if t]
        if not tokens:
            continue
        called.add(_spelled(tokens))
        if all(is_chinese(c) for c in "".join(tokens)):
            called |= _chinese("".join(tokens))
        elif len(tokens) > 1:
            called |= {_spelled(run) for run in _runs(tokens) if any(map(_tells, run))}
            called.add(_spelled([t for t in tokens if not _PARTICLES.fullmatch(t)]))
            if len(tokens) == 2 and not any(is_chinese(t[0]) for t in tokens):
                called.add(_spelled(tokens[::-1]))
        for token in tokens:
            if len(tokens) > 1 and all(is_chinese(c) for c in token):
                called |= _chinese(token)
    called |= {other for call in tuple(called) for other in _in_chinese(call)}
    whole = _spelled([t for t in re.split(r"[^\w]+", written) if t])
    return {c for c in (*called, whole) if c}


def _runs(tokens: list[str]) -> Iterator[list[str]]:
    """Parts of a name that stand in a row: Jean Luc, O Brien, de la Cruz."""
    for begin in range(len(tokens)):
        for end in range(begin + 1, min(len(tokens), begin + _LONGEST_RUN) + 1):
            yield tokens[begin:end]


def _tells(token: str) -> bool:
    """Whether this part of a name is one by itself."""
    return not _PARTICLES.fullmatch(token) and (len(token) > 1 or is_chinese(token))


def _in_chinese(call: str) -> set[str]:
    """ "grandpa joe" → "joe爷爷", …"""
    first, _, rest = call.partition(" ")
    titles = _TITLES.get(_SPELLINGS.get(first, first), "") if rest else ""
    return {calling for title in titles.split() for calling in (rest + title, title + rest)}


def _spelled(tokens: list[str]) -> str:
    """Tokens as words are matched: blanks between English ones only."""
    joined = ""
    for token in tokens:
        between = joined and not (is_chinese(joined[-1]) or is_chinese(token[0]))
        joined += (" " if between else "") + token
    return joined


def _chinese(name: str) -> set[str]:
    """A Chinese name whole and without the surname, in characters and in pinyin, either name first."""
    surname = 2 if _COMPOUND_SURNAMES.match(name) else 1
    given = name[surname:]
    called = {name}
    if len(given) > 1 and len(name) <= 4:
        called.add(given)
    if len(given) in (1, 2) and len(name) <= 4:  # 娜娜, 小娜, 阿娜
        end = name[-1]
        called |= {call for call in (end * 2, f"小{end}", f"阿{end}") if call not in vocabulary()}
    for syllables in _readings(name):
        first, last = syllables[surname:], syllables[:surname]
        called |= {" ".join(syllables), "".join(syllables)}
        if first:
            called |= {
                " ".join(("".join(last), "".join(first))),
                " ".join(("".join(first), "".join(last))),
                " ".join((*first, *last)),
            }
        if len(given) > 1:
            called |= {"".join(first), " ".join(first)}
    return called


def _readings(name: str) -> list[tuple[str, ...]]:
    """The syllables of a name in pinyin without tones; characters that are surnames may be read in several ways."""
    from pypinyin import Style, pinyin

    heard = [syllables[0] for syllables in pinyin(name, style=Style.NORMAL)]
    firsts = dict.fromkeys(pinyin(name[0], style=Style.NORMAL, heteronym=True)[0])
    readings = [(first, *heard[1:]) for first in firsts]
    return [tuple(s.replace("v", spelled) for s in reading) for reading in readings for spelled in ("v", "u", "yu")]
