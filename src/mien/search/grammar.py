"""Words → figures: each condition goes to the one of whom it is said.

In English what is said of somebody stands behind the word for them ("a man in a hat"), in Chinese before it, with
的 between (戴帽子的男人), or behind it without (男人戴帽子). Conditions are kept open until it shows whose they are.
"""

from dataclasses import replace

from mien.search.describing import Describing
from mien.search.figures import Figure
from mien.search.introducing import Introducing
from mien.search.lexicon import worn
from mien.search.phrases import ARTICLES, Phrase, phrase
from mien.search.query import Named, Wears
from mien.search.words import Word

_PORTRAYED_BEHIND = set("给替为帮、")
"""Behind these stands who is in the photo, not who took it."""


class Grammar(Describing, Introducing):
    """Reads the words of one question from the first to the last."""

    def read(self) -> None:
        """Reads all."""
        at = 0
        while at < len(self.words):
            at = self._step(at)
        self.flush(is_noun=self.of)
        self.end_negation()
        if self.counting is not None:
            self.missed += self.counting.counting
        if self.only is not None and self.figures:  # adults only
            self.take_only(self.only)
        elif self.only is not None:
            self.missed.append(self.only)
        if self.nobody_else:  # just Anna and me
            for word in [w for w in self.missed if w.kind == "kin" and (w["one"] or not (w["group"] or w.is_chinese))]:
                self.append(self.unknown(word))
        if self.asks_nothing is not None:
            self.missed.append(self.asks_nothing)
        if self.together is not None and self.crowd is None and not self.figures:
            self.crowd = (2, None)
            self.crowd_spans.append(self.together.span)
        self.relating.close(self)

    def _step(self, at: int) -> int:
        word = self.words[at]
        if self.asks_nothing is not None and word.kind in ("kin", "unknown", "beyond"):  # taken by dad
            self._miss(self.asks_nothing, word)
            self.asks_nothing = None
            return at + 1
        if word.kind == "filler" and word.text not in ARTICLES:
            self._filler(word)
            return at + 1
        said = phrase(self.words, at)
        if said is not None and not (said.bound is not None and said.head is None and not said.counts):
            self._phrase(said)
            return said.end
        match word.kind:
            case "wear" | "in":
                self._verb(word)
            case "with" | "and" | "or" | "comma" | "but":
                self._joint(word)
            case "of":
                self._of(word, at)
            case "not":
                self._not(word)
            case "relation" | "between" | "at":
                return self._relation(word, at)
            case "lacking" | "having":
                things = worn()[word["is"]].things
                self.add([Wears(things, is_so=word.kind == "having", spans=(word.span,))])
            case "each":
                pairs = [i for i, figure in enumerate(self.figures) if not figure.is_none]
                self.spread = pairs[-2:] if word.text == "both" else self.chain or pairs[-1:]
            case "absent":
                self._absent(word)
            case "everybody":
                self._everybody(word)
            case "maker" if word["behind"] and not self._is_made(at):
                self._filler(word)
            case "maker" if word["behind"]:
                self.missed.append(word)
            case "maker" | "either_way":
                self.asks_nothing = word
            case "bound":
                self.only = word if word["is"] == "exactly" else None
                if self.only is None:
                    self.missed.append(word)
            case "alone" | "crowd" | "nobody_else" | "nobody":
                self._company(word)
            case "kin" | "unknown" | "beyond":
                self._unanswered(word)
            case "together":
                self.together = word
            case "meridiem" if word.text == "am":
                pass
            case "are" | "filler" | "each" | "pronoun" | "whole" | "from" | "to":
                pass
            case _:
                if not (word.kind == "measure" or word["after"]):
                    self.missed.append(word)
        return at + 1

    def _filler(self, word: Word) -> None:
        if self.of and self.open:  # 穿红裙子的照片: the photo's, not somebody's
            self.flush()
        self.of = False

    def _verb(self, word: Word) -> None:
        if self.negation is not None and self.negation_used:
            self.negation = None
        self.elliptic_count()
        if word["only"]:
            self.missed.append(word)
        else:
            self.leading.append(word.span)
        self.verb = True
        self.of = False

    def _joint(self, word: Word) -> None:
        if word.kind == "or" and self.negation is not None and not self.negation_used:
            return  # without or glasses
        if (
            word.text == "要么"
            and [w.text for w in self.words].count("要么") > 1
            and self.joint is None
            and not self.open
        ):
            return  # 要么 … 要么 …: the first one says no more than "either"
        is_break = word.kind == "but" or (word.kind == "comma" and word.text != "、" and not self._list_goes_on(word))
        if is_break or (word.kind == "with" and not word.is_chinese and self.negation_used):
            self.end_negation()
        if self.open and (self.of or (self.current is not None and not self.open_is_fresh)):
            self.flush(is_noun=self.of)
        if word.kind == "with" and not word.is_chinese:
            self.leading.append(word.span)
            self.verb = True
        is_or = self.joint is not None and self.joint.kind == "or"
        if self.joint is None or (word.kind != "comma" and not (is_or and word.kind == "with")):
            self.joint = word
        self.of = False

    def _list_goes_on(self, comma: Word) -> bool:
        """Whether "or" follows later in a list of things: without a hat, gloves or a scarf."""
        for word in self.words[self.words.index(comma) + 1 :]:
            if word.kind == "or" or word.text == "nor":
                return True
            if word.kind in ("in", "wear", "with", "person", "name", "not", "but", "and"):
                return False
        return False

    def _of(self, word: Word, at: int) -> None:
        if word.is_chinese:
            self.end_negation()
            self.of = True
            ahead = self.words[at + 1].kind if at + 1 < len(self.words) else ""
            if self.open and ahead in ("", "comma", "and", "with", "or", "relation"):
                self.flush(is_noun=True)
                self.of = False

    def _not(self, word: Word) -> None:
        self.end_negation()
        self.elliptic_count()
        self.negation, self.negation_used = word, False
        self.leading.append(word.span)

    def _company(self, word: Word) -> None:
        self.flush()
        match word.kind:
            case "alone":
                self.crowd = (1, 1)
                self.crowd_spans.append(word.span)
            case "crowd":
                self.crowd = (word["count"], word["count"]) if word["count"] else (2, None)
                self.crowd_spans.append(word.span)
            case "nobody_else":
                self._all_but_these()
                self.nobody_else = True
                self.crowd_spans.append(word.span)
            case _:
                self.append(Figure(said=True, generic=True, is_none=True, spans=[word.span]))
                self.awaits_noun = bool(word["like"])
        self.joint = None

    def _everybody(self, word: Word) -> None:
        """Everybody wears a hat; not everybody does, says nothing."""
        if self.negation is not None:
            self._miss(self.negation, word)
            self.negation = None
            self.leading.clear()
            return
        is_all = not (self.of and self.open)  # 戴帽子的所有人: those who do
        self.enter(Figure(said=True, generic=True, is_all=is_all, spans=[word.span]))
        self.joint = None

    def _miss(self, first: Word, last: Word) -> None:
        """What stands from the one to the other is not understood, as a whole."""
        self.missed.append(replace(first, span=(first.span[0], last.span[1])))

    def _is_made(self, at: int) -> bool:
        """Whether the photo is by the one before, who is then not asked for: 李娜拍的, but not 给李娜拍的."""
        name, before = self.words[max(at - 1, 0) : at], self.words[max(at - 2, 0) : max(at - 1, 0)]
        if not name or name[0].kind != "name":
            return False
        if any(missed.span[1] == name[0].span[1] for missed in self.missed):  # 由Tom拍摄
            return True
        if self.relating.relations or self.relating.waits:
            return False
        if before and (before[0].kind in ("and", "with", "or") or before[0].text[-1] in _PORTRAYED_BEHIND):
            return False
        last = self.figures[-1] if self.figures else None
        is_near = name[0].span[1] == self.words[at].span[0]  # not 李娜在北京拍的
        if not (last and is_near) or last.conditions or not last.noun or last.noun[0].spans != (name[0].span,):
            return False
        self.figures.pop()
        self.current, self.chain = None, []
        self.missed.append(name[0])
        return True

    def _absent(self, word: Word) -> None:
        """李娜不在的照片: without her."""
        self.flush()
        if self.current is None:
            self.missed.append(word)
            return
        figure = self.figures[self.current]
        figure.is_none = True
        figure.spans.append(word.span)

    def _all_but_these(self) -> None:
        """除了李娜没有别人: those left out are the only ones."""
        if self.current is not None:
            conditions = self.figures[self.current].conditions
            excepted = [c for c in conditions if isinstance(c, Named) and not c.is_so]
            if excepted and len(conditions) == len(excepted):
                self.figures[self.current].conditions = [replace(c, is_so=True) for c in excepted]

    def _unanswered(self, word: Word) -> None:
        self.missed.append(word)
        if word.kind == "kin":
            if self.of and self.open and word.is_chinese and not word["group"]:  # 穿裙子的妈妈
                self.enter(self.unknown(word))
                self.joint = None
                return
            self.flush()
            if self.negation is not None:
                self.negation_used = True
            elif word.is_chinese and not word["group"]:
                if not self.relating.waits and self.last_is_implicit():
                    return
                self.append(self.unknown(word))
            elif not word["group"]:
                self.fresh = True
            return
        if self.of and self.open:
            self.flush()
        if self.negation is not None and word["thing"]:
            self.negation_used = True
        if word["thing"] or word.kind == "unknown":
            self.leading.clear()
        self.of = False

    def _phrase(self, said: Phrase) -> None:
        if self.asks_nothing is not None:
            self._miss(self.asks_nothing, self.words[said.end - 1])
            self.asks_nothing = None
            return
        self.missed += said.missed
        if said.head is not None and said.head.kind in ("person", "name"):
            self.person(said)
        elif said.head is not None and said.head.kind == "kin":
            self._unanswered(said.head)
            if said.bound is not None and not said.counts:
                self.take_only(said.bound)
            self.add(self.adjectives(said))
        elif said.head is not None and said.head.kind in ("beyond", "unknown"):
            if self.negation is not None:
                self.negation_used = True
            self.leading.clear()
        elif said.head is not None and said.head.kind == "hair":
            self.hair(said)
        elif said.head is not None:
            self.worn(said)
        elif said.describes:
            self.described(said)
        else:
            self.counted(said)
        if said.head is None or said.head.kind != "hair":
            self.bare_hair = None
        self.joint = None

    def _relation(self, word: Word, at: int) -> int:
        self.negation = None
        self.leading.clear()
        self.flush(is_noun=self.of)
        self.elliptic_count()
        end = self.relating.read(self, word, at)
        self.joint, self.of = None, False
        return end
