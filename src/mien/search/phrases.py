"""Noun phrases: "two", "a red and white striped dress", "long black hair", "一条格子围巾"."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from mien.search.query import Span
from mien.search.words import Word

ARTICLES = frozenset(
    {"the", "a", "an", "any", "some", "his", "their", "its", "my", "our", "your", "that", "this", "these", "those"}
    | {"pair", "every", "那个", "这个", "那", "这", "哪个", "哪些", "那些", "这些", "那位", "这位", "那种"}
    | {"某", "每个", "每一个", "一身", "那名", "一些"}
)
_BEGINS = {
    "colour", "shade", "pattern", "sleeves", "length", "hair", "look", "style", "worn", "person", "name", "kin",
    "number", "several", "pairs", "another", "bound", "measure", "between",
}  # fmt: skip
_HEADS: tuple[set[str], ...] = (set(), {"person"})
_DESCRIBES = {"colour", "shade", "pattern", "sleeves", "length", "hair", "look", "style"}
_JOINS = {"and", "or", "with", "comma"}
_SEX_OR_AGE = {
    "male",
    "female",
    "adult",
    "child",
    "baby",
    "kid",
    "男",
    "女",
    "男性",
    "女性",
    "成年",
    "成人",
    "toddler",
    "infant",
}


_COLOURED = {
    "coloured",
    "colored",
    "colour",
    "color",
    "colours",
    "colors",
    "颜色",
    "色系",
    "底",
    "底色",
    "底子",
    "打底",
}


@dataclass
class Phrase:
    """What one phrase says.

    Attributes:
        first, end: the places of its first word, and of the one behind its last.
        head: what it is about; None: of colours, patterns or a number alone.
        persons: all its words for people, the head among them.
        missed: words in it that nothing answers.
        counting: words that say how many.
        same: what the garment before was: "a blue one".
    """

    first: int
    end: int = 0
    head: Word | None = None
    persons: list[Word] = field(default_factory=list)
    count: int | None = None
    count_to: int | None = None
    bound: Word | None = None
    bound_after: Word | None = None
    another: bool = False
    several: bool = False
    measured: bool = False
    singular: bool = False
    same: bool = False
    colours: list[tuple[Literal["+", "|"], Word]] = field(default_factory=list)
    pattern: Word | None = None
    sleeves: Word | None = None
    length: Word | None = None
    hair: Word | None = None
    shades: list[Word] = field(default_factory=list)
    looks: list[Word] = field(default_factory=list)
    missed: list[Word] = field(default_factory=list)
    counting: list[Word] = field(default_factory=list)

    @property
    def describes(self) -> bool:
        return bool(self.colours or self.pattern or self.sleeves or self.length or self.shades or self.looks)

    @property
    def counts(self) -> bool:
        return self.count is not None or self.several

    def span(self, words: Sequence[Word]) -> Span:
        return words[self.first].span[0], words[self.end - 1].span[1]

    def describing_spans(self, words: Sequence[Word]) -> tuple[Span, ...]:
        """Where it says more than how many and who."""
        said = [w for w in words[self.first : self.end] if w is not self.head and w not in self.counting]
        return tuple(w.span for w in said if w.text not in ARTICLES)

    def colour_sets(self) -> tuple[frozenset[str], ...]:
        """Any of these sets: "red or blue" is two, "red and white" is one."""
        names = [word["is"] for _, word in self.colours]
        if any(joint == "|" for joint, _ in self.colours):
            return tuple(frozenset([name]) for name in dict.fromkeys(names))
        return (frozenset(names),) if names else ()


def phrase(words: Sequence[Word], at: int) -> Phrase | None:
    """The phrase that begins here, if one does."""
    return _PhraseReader(words, at).read()


class _PhraseReader:
    def __init__(self, words: Sequence[Word], at: int) -> None:
        self.words, self.at, self.said = words, at, Phrase(at, at)

    def kind(self, at: int) -> str:
        return self.words[at].kind if at < len(self.words) else ""

    def begins(self, at: int) -> bool:
        return self.kind(at) in _BEGINS

    def skip_articles(self, at: int) -> int:
        while at < len(self.words) and self.words[at].text in ARTICLES and self.words[at].kind not in _BEGINS:
            at += 1
        return at

    def read(self) -> Phrase | None:
        said = self.said
        while self.at < len(self.words) and said.head is None and not said.same:
            following = self._next()
            if following is None:
                break
            self.at = said.end = following
        if (
            said.counts
            and said.bound_after is None
            and self.kind(said.end) == "bound"
            and self.words[said.end]["after"]
        ):
            said.bound_after = self.words[said.end]  # 5个人以上
            said.counting.append(said.bound_after)
            said.end += 1
        if said.end == said.first or (said.head is None and not said.describes and not said.counts
                                      and not said.another and not said.bound):  # fmt: skip
            return None
        return said

    def _next(self) -> int | None:
        """Reads one more word; the place behind it, None at the end of the phrase."""
        said, at = self.said, self.at
        word = self.words[at]
        match word.kind:
            case "number" | "several" | "pairs" | "another" | "bound" | "measure":
                return self._counted(word, at)
            case "between":
                if [self.kind(at + i) for i in (1, 2, 3)] not in (["number", j, "number"] for j in ("and", "to")):
                    return None
                said.count, said.count_to = self.words[at + 1].value, self.words[at + 3].value
                said.counting += self.words[at : at + 4]
                return at + 4
            case "colour":
                said.colours.append(("+", word))
            case "pattern":
                if said.pattern is not None or (word["only_before"] and self.kind(at + 1) not in ("worn", "measure")):
                    return None
                said.pattern = word
            case "sleeves":
                said.sleeves = said.sleeves or word
            case "length":
                said.length = said.length or word
            case "shade":
                said.shades.append(word)
            case "look" | "style":
                said.looks.append(word)
            case "hair":
                said.hair = word
                if self.kind(self.skip_articles(at + 1)) not in ("person", "name") or word.is_chinese:
                    said.head = word
            case "person":
                said.persons.append(word)
                if word["hair"] and self.kind(at + 1) == "or" and self.kind(at + 3) == "hair":
                    return at + 2  # blond or brown-haired
                ahead = self.words[at + 1] if at + 1 < len(self.words) else None
                if not (ahead is not None and ahead.kind in ("person", "kin") and self._describes_person(word)):
                    said.head = word
            case "name" | "kin":
                said.head = word
            case "worn":
                if word["material"] and self.kind(at + 1) == "worn":
                    said.missed.append(word)
                else:
                    said.head = word
            case _:
                return self._between(word, at)
        return at + 1

    def _describes_person(self, word: Word) -> bool:
        return word.text in _SEX_OR_AGE or bool(word["hair"])

    def _between(self, word: Word, at: int) -> int | None:
        """Goes on over what stands between two words of a phrase."""
        said = self.said
        ahead = self.skip_articles(at + 1)
        if word.text in ARTICLES and word.kind != "pronoun":
            said.singular |= word.text in ("a", "an")
            return at + 1 if self._goes_on(at + 1) else None
        if word.text in _COLOURED and said.colours:
            return at + 1
        if word.text == "," and said.colours and self.words[at - 1].is_chinese and self.kind(at + 1) == "worn":
            return at + 1  # 红色，裙子
        if word.kind == "pronoun" and word.text == "her":
            return at + 1 if at + 1 < len(self.words) and self.kind(at + 1) in {*_DESCRIBES, "worn"} else None
        if word.kind == "of":
            if word.is_chinese and (said.describes or said.bound_after):
                return (
                    ahead
                    if self.kind(ahead) in {*_DESCRIBES, "worn", *_HEADS[said.bound_after is not None]}
                    or self._joins(ahead)
                    else None
                )
            return ahead if not word.is_chinese and said.counts and self.begins(ahead) else None
        if self._joins(at):
            joint: Literal["+", "|"] = "|" if word.kind == "or" else "+"
            colour_at = self.skip_articles(at + 1)
            if self.kind(colour_at) == "colour" and said.colours:
                if joint == "|":
                    said.colours = [("|", colour) for _, colour in said.colours]
                said.colours.append((joint, self.words[colour_at]))
                return colour_at + 1
            return colour_at if self.kind(colour_at) in ("pattern", "sleeves", "look", "shade") else None
        if word.kind in ("beyond", "unknown"):
            return self._modifier(word, at)
        return None

    def _joins(self, at: int) -> bool:
        """Whether this joins two colours, or a colour and a pattern: red, white and blue; black or white."""
        said, kind = self.said, self.kind(at)
        if kind not in _JOINS or not (said.colours or said.pattern):
            return False
        if kind == "with" and not self.words[at].is_chinese:
            return False
        ahead = self.skip_articles(at + 1)
        if kind == "comma" and self.words[at].text != "、":
            while self.kind(ahead) == "colour" and self.kind(ahead + 1) == "comma":
                ahead += 2
            return (
                self.kind(ahead) == "colour"
                and self.kind(ahead + 1) in ("and", "or")
                and self.kind(ahead + 2) == "colour"
            )
        if self.kind(ahead) in ("pattern", "sleeves"):
            return bool(said.colours) and kind == "and"
        if self.kind(ahead) == "shade" and self.kind(ahead + 1) == "hair":  # black or dark hair
            return bool(said.colours) and kind == "or"
        if self.kind(ahead) == "look":  # brown or blond hair
            return bool(said.colours) and kind == "or" and bool(self.words[ahead]["hair_only"])
        return self.kind(ahead) == "colour" and bool(said.colours)

    def _goes_on(self, at: int) -> bool:
        at = self.skip_articles(at)
        return self.begins(at) or (self.kind(at) in ("beyond", "unknown") and self.kind(at + 1) in _BEGINS)

    def _modifier(self, word: Word, at: int) -> int | None:
        """A word that nothing answers: before the head (leather jacket), or one that takes all with it."""
        said = self.said
        ahead = self.skip_articles(at + 1) if not word.is_chinese else at + 1
        if word.is_chinese and self.kind(ahead) == "of":
            ahead += 1
        is_thing = word.kind == "unknown" or bool(word["thing"])
        heads = {"worn", "person", "hair"} if is_thing else _BEGINS - {"name", "number", "bound"}
        if (
            self.kind(ahead) in heads
            and (ahead == at + 1 or word.is_chinese)
            and not (is_thing and word.kind == "unknown" and word.is_chinese)
        ):
            if is_thing and said.colours and self.kind(ahead) == "person":  # a grey beard's
                said.missed += [colour for _, colour in said.colours]
                said.colours = []
            said.missed.append(word)
            return ahead
        if is_thing and (said.colours or said.shades) and not said.sleeves:
            said.missed += [colour for _, colour in said.colours] + said.shades + [word]
            said.colours, said.shades, said.pattern, said.length = [], [], None, None
            said.head = word
            return at + 1
        return None

    def _counted(self, word: Word, at: int) -> int | None:
        """Reads a number, or what belongs to one; the place behind it."""
        end = self._number(word, at)
        if end is not None:
            self.said.counting += self.words[at:end]
        return end

    def _number(self, word: Word, at: int) -> int | None:
        said = self.said
        match word.kind:
            case "number":
                if word.text == "one" and said.colours:
                    said.same = True
                    return at + 1
                if said.count is not None or said.describes:
                    return None
                said.count = word.value
                if word.is_chinese and len(word.text) == 2 and "十" not in word.text and word.value > 10:
                    said.count, said.count_to = divmod(word.value, 10)  # 两三个
                if self.kind(at + 1) in ("to", "or") and self.kind(at + 2) == "number":
                    said.count_to = self.words[at + 2].value
                    return at + 3
            case "several" | "pairs":
                if said.counts:
                    return None
                said.several, said.count = True, 2
            case "another":
                said.another = True
            case "measure":
                said.measured = True
                if not (said.counts or said.another or said.bound):
                    return None
            case "bound":
                if word["after"]:
                    if not said.counts:
                        return None
                    said.bound_after = word
                elif said.describes or said.counts:
                    return None
                else:
                    said.bound = word
            case _:
                return None
        return at + 1
