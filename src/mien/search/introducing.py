"""Phrases for people: who is somebody new, how many they are, and who is not in the photo."""

from dataclasses import replace
from functools import reduce

from mien.search import wearing
from mien.search.choosing import either
from mien.search.figures import Figure, counted
from mien.search.phrases import Phrase
from mien.search.query import Condition, Either, Looks, Named
from mien.search.reading import Reading
from mien.search.words import Word


class Introducing(Reading):
    """Reads people, by names and by words for them."""

    def person(self, said: Phrase) -> None:
        """Somebody, by name or by a word for people."""
        head = said.head
        assert head is not None
        if self.is_one_alone(said):
            self.crowd = (1, 1)
            self.crowd_spans += [said.span(self.words), *([self.only.span] if self.only else [])]
            self.only, self.nobody_else = None, False
            return
        noun = self._noun(said, head)
        described = self.adjectives(said)
        if self.negation is not None and self.negated(said, noun + described):
            return
        is_generic = head.kind == "person" and not noun
        spans = [word.span for word in said.counting] + ([head.span] if is_generic else [])
        figure = Figure(noun=noun, said=True, generic=is_generic, conditions=described, spans=spans)
        counting, self.counting = self.counting, None
        if counting is None or said.counts:
            counting = said
        else:
            figure.spans += [word.span for word in counting.counting]
        counted(figure, counting)
        if said.bound is not None and not said.counts:
            figure.spans = [span for span in figure.spans if span != said.bound.span]
            self.take_only(said.bound)
        if noun and (figure.least, figure.most) == (1, None):  # 一个女人: its words go with hers
            figure.noun[0] = replace(noun[0], spans=(*noun[0].spans, *figure.spans))
            figure.spans = []
        self.enter(figure)

    def _noun(self, said: Phrase, head: Word) -> list[Condition]:
        """What the words for them say: a name, or how they appear. "male child" is two words for one."""
        noun: list[Condition] = [Named(head.value, spans=(head.span,))] if head.kind == "name" else []
        for person in [*(p for p in said.persons if p is head), *(p for p in said.persons if p is not head)]:
            aspects = {c.aspect for c in noun if isinstance(c, Looks)}
            noun += [
                c
                for c in wearing.said_of_person(person, person.span)
                if isinstance(c, Looks) and c.aspect not in aspects and (c.aspect != "hair" or person is head)
            ]
        return noun

    def adjectives(self, said: Phrase) -> list[Condition]:
        """What stands before the word for them: dark-haired, barefoot, in red."""
        spans = said.describing_spans(self.words)
        has_hair = said.hair is not None or any(p["hair"] and p is not said.head for p in said.persons)
        looks = [w for w in said.looks if w["aspect"] != "hair"] if has_hair else said.looks
        described = wearing.hair(said, spans, self.missed) if has_hair else []
        if said.hair is None:
            if said.colours or said.pattern or said.sleeves:
                described.append(wearing.wears(said, spans, self.missed))
            else:
                self.missed += said.shades if not has_hair else []
                self.missed += [said.length] if said.length and not has_hair else []
        return described + wearing.looks(looks, spans)

    def is_one_alone(self, said: Phrase) -> bool:
        """李娜一个人: Li Na by herself."""
        before = self.words[said.first - 1] if said.first else None
        return (
            said.count == 1 and said.head is not None and said.head.text == "人" and before is not None
            and before.kind == "name" and self.joint is None and said.end - said.first <= 3
        )  # fmt: skip

    def take_only(self, word: Word) -> None:
        if word["is"] == "exactly":
            self.nobody_else = True
            self.crowd_spans.append(word.span)
        else:
            self.missed.append(word)

    def negated(self, said: Phrase, conditions: list[Condition]) -> bool:
        """Nobody like this, or this is not so of somebody; False where the negation was of something before."""
        negation = self.negation
        assert negation is not None
        if self.negation_used and (self.joint is None or self.open):
            self.negation = None
            return False
        spans = (negation.span, said.span(self.words))
        self.leading.clear()
        if self.current is not None and self.figures[self.current].is_all:  # everybody except Anna
            self.missed.append(replace(negation, span=(spans[0][0], spans[1][1])))
            self.negation = None
            return True
        if negation["who"] and not self.negation_used:
            self.negation_used = True
            denied: list[Condition] = [
                replace(c, is_so=False, spans=spans) for c in conditions if not isinstance(c, Either)
            ]
            if len(denied) > 1:  # not a boy: no child, or not masculine
                denied = [reduce(lambda one, other: either([one], [other]), denied)]
            if self.current is not None and not self.fresh and not negation.is_chinese:
                self.figures[self.current].conditions += denied
            else:
                self.add(denied)
            return True
        self.flush()
        self.negation_used = True
        figure = Figure(noun=conditions, said=True, generic=not conditions, is_none=True, spans=list(spans))
        current = self.current
        self.append(figure)
        if isinstance(next(iter(conditions), None), Named):
            self.current = current
        return True

    def enter(self, figure: Figure) -> None:
        """Somebody new, with what was said of them before; or the word for whom was spoken of already."""
        self.end_negation()
        adjacent = self.joint is None and (self.current is None or self.open_is_fresh or self.fresh)
        joint_or = self.joint
        if self.open and (self.of or adjacent):
            joint_or = joint_or or self.open_or
            figure.conditions = self.open + figure.conditions
            self.open, self.fresh = [], False
        else:
            self.flush()
        self.of = False
        if self.only is not None:
            self.take_only(self.only)
            self.only = None
        last = self.figures[-1] if self.figures else None
        if self.awaits_noun and last is not None and self.current == len(self.figures) - 1:
            self.awaits_noun = False
            last.noun, last.generic = figure.noun, figure.generic
            last.conditions += figure.conditions
            return
        joint = self.joint.kind if self.joint else ""
        names = self.is_named(figure)
        if (
            last is not None
            and joint == "or"
            and names
            and self.is_named(last)
            and not (last.is_none or _is_described_behind(last))
        ):
            self.fold_list()
            last = self.figures[-1]
            both = last.noun[0], figure.noun[0]
            assert isinstance(both[0], Named)
            assert isinstance(both[1], Named)
            last.noun = [Named(both[0].names | both[1].names, spans=(*both[0].spans, *both[1].spans))]
            last.conditions += figure.conditions
            return
        if (
            last is not None
            and joint == "or"
            and not last.conditions
            and _same_aspects(last.noun, figure.noun)
            and (not figure.counted or (last.least, last.most) == (figure.least, figure.most))
        ):
            last.noun = [
                replace(a, values=a.values | b.values, spans=a.spans + b.spans)
                for a, b in zip(last.noun, figure.noun, strict=True) if isinstance(a, Looks) and isinstance(b, Looks)
            ]  # fmt: skip
            return
        if self.last_is_implicit() and joint in ("", "comma") and not figure.counted and not self.relating.waits:
            assert last is not None
            last.noun, last.said, last.generic = figure.noun, True, figure.generic
            last.conditions += figure.conditions
            last.spans += figure.spans
            return
        self.append(figure, joint=joint_or)

    def counted(self, said: Phrase) -> None:
        """A number of nobody in particular: "two in red", "another in blue", 一个戴草帽的."""
        before = self.words[said.first - 1] if said.first else None
        if before is not None and before["group"] and before.is_chinese and said.count is not None:  # 一家五口
            self.crowd = (said.count, said.count)
            self.crowd_spans += [word.span for word in said.counting]
        elif said.another or (said.count is not None and (said.several or said.measured or self.is_elliptic(said))):
            group = self._group_of_one(said)
            if (said.measured and not said.another) or (said.another and self.words[said.first].is_chinese):
                self.flush()
                self.counting, self.counting_of = said, group
                return
            self.flush()
            noun = self.like_those_before()
            spans = [word.span for word in said.counting]
            self.append(counted(Figure(noun=noun, said=True, generic=not noun, spans=spans, member_of=group), said))
        elif said.first > 1 and self.words[said.first - 2]["group"] and said.count is not None:  # a family of four
            self.crowd = (said.count, said.count)
            self.crowd_spans += [word.span for word in said.counting]
        else:
            self.missed += [w for w in self.words[said.first : said.end] if w.kind in ("number", "bound", "several")]

    def _group_of_one(self, said: Phrase) -> Figure | None:
        """Those of whom one is spoken of: two kids, one in red and one in blue."""
        last = next((f for f in reversed(self.figures) if f.member_of is None and not f.is_none), None)
        if last is None or said.count not in (None, 1) or last.least < 2 or last.most is not None:
            return None
        goes_on = self.joint is None or self.joint.kind == "comma" or last.members > 0
        if not goes_on or not (last.noun or last.conditions):
            return None
        last.members += 1
        return last

    def is_elliptic(self, said: Phrase) -> bool:
        ahead = self.words[said.end].kind if said.end < len(self.words) else ""
        english = not self.words[said.end - 1].is_chinese
        is_one = said.count == 1 and self.words[said.end - 1].text == "one"
        return english and (is_one or ahead in ("in", "wear", "with", "not", "relation", "of", "are"))

    def elliptic_count(self) -> None:
        """一个戴草帽的 begins somebody new; whether a word for them follows behind 的 shows later."""
        if self.counting is not None:
            self.fresh = True

    def unknown(self, word: Word) -> Figure:
        """Somebody of whom no word is understood: 三个穿校服的学生."""
        figure = Figure(said=True, generic=True, spans=[word.span])
        if self.counting is not None:
            counted(figure, self.counting)
            figure.spans += [w.span for w in self.counting.counting]
            figure.counted = False
        self.counting = None
        return figure


def _is_described_behind(figure: Figure) -> bool:
    """Whether something is said of them behind the word for them, which is then theirs alone."""
    begins = [span[0] for condition in figure.conditions for span in condition.spans]
    return bool(begins) and max(begins) > figure.noun[0].spans[0][0]


def _same_aspects(one: list[Condition], other: list[Condition]) -> bool:
    """Whether two words for people differ in one guess alone: man or woman."""
    pairs = list(zip(one, other, strict=False))
    return len(one) == len(other) == 1 and all(
        isinstance(a, Looks) and isinstance(b, Looks) and a.aspect == b.aspect for a, b in pairs
    )
