"""What has been read of a question so far: the figures, and what is still open."""

from collections.abc import Sequence

from mien.search.choosing import either, last_said
from mien.search.figures import Figure, counted
from mien.search.phrases import Phrase
from mien.search.query import Condition, Named, Span, Wears
from mien.search.relating import Relating
from mien.search.words import Word

Crowd = tuple[int | None, int | None]


class Reading:
    """The state of reading one question.

    Conditions are kept open until it shows whose they are: `open` holds them, `current` is the one spoken of last.
    """

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.figures: list[Figure] = []
        self.relating = Relating()
        self.missed: list[Word] = []
        self.crowd: Crowd | None = None
        self.crowd_spans: list[Span] = []
        self.nobody_else = False
        self.current: int | None = None
        self.open: list[Condition] = []
        self.open_is_fresh = False  # they began behind a relation: they are of somebody new
        self.open_is_joined = False  # behind "and"
        self.open_is_singular = False  # with an article or a number of its own
        self.open_or: Word | None = None  # the "or" they stand behind
        self.fresh = False
        self.joint: Word | None = None  # "and", "or", "with" or a comma since the last phrase
        self.of: bool = False  # 的 directly before
        self.verb: bool = False
        self.negation: Word | None = None
        self.negation_used = False
        self.leading: list[Span] = []  # words that belong to the next condition
        self.spread: list[int] = []  # "both", 都: to all of these
        self.chain: list[int] = []  # people joined by "and" and commas
        self.chain_is_list = False
        self.counting: Phrase | None = None  # 一个 … before a clause
        self.counting_of: Figure | None = None
        self.awaits_noun = False  # whom the current one is, shows later: 不要有…的人
        self.bare_hair: Word | None = None
        self.together: Word | None = None
        self.asks_nothing: Word | None = None  # nor does the next phrase: taken by Tom
        self.only: Word | None = None

    def append(self, figure: Figure, *, joint: Word | None = None) -> None:
        """Somebody new, joined to the one before by "and" or a comma or not at all."""
        is_list = joint is not None and (joint.kind in ("and", "with") or joint.text == "、")
        if joint is not None and joint.kind == "or" and self.figures:
            figure.alternative = joint
        figure.listed = joint is not None and joint.kind == "comma"
        self.figures.append(figure)
        index = len(self.figures) - 1
        if not figure.is_none:
            goes_on = is_list or (joint is not None and joint.text == ",")
            self.chain = [*self.chain, index] if goes_on else [index]
            self.chain_is_list = is_list
            self.relating.arrived(self, index)
        self.spread = []
        self.current = index
        self.fresh = False
        self.verb = False

    def fold_list(self) -> None:
        """Tom, Anna or …: names behind commas are joined by the "or" that follows."""
        while len(self.figures) > 1 and not self.relating.relations:
            one, other = self.figures[-2:]
            bare = self.is_named(one) and self.is_named(other) and not (one.conditions or one.is_none or other.is_none)
            if not (other.listed and bare) or other.conditions:
                return
            self.figures.pop()
            one.noun = [either(one.noun, other.noun)]
            self.current = len(self.figures) - 1
            self.chain = [self.current]

    @staticmethod
    def is_named(figure: Figure) -> bool:
        return bool(figure.noun) and isinstance(figure.noun[0], Named)

    def abreast(self, index: int) -> bool:
        """Whether somebody is so many that they may stand side by side; people of whom no number is said are two."""
        figure = self.figures[index]
        if not figure.counted and len(self.chain) == 1 and not self.is_named(figure):
            figure.least, figure.counted = 2, True
        return figure.least > 1

    def add(self, conditions: list[Condition], *, singular: bool = False, carries_on: bool = False) -> None:
        """Opens conditions; `carries_on`: they are denied like those before, and "or" says no more than "and"."""
        if not conditions:
            return
        joint_or = self.joint if self.joint is not None and self.joint.kind == "or" and not carries_on else None
        if self.open and joint_or is not None:
            at = last_said(self.open)
            self.open[at:] = [either(self.open[at:], conditions, shares=not singular)]
            self.verb = False
            return
        if not self.open:
            self.open_or, self.open_is_singular = joint_or, singular
            self.open_is_fresh = self.fresh
            self.open_is_joined = self.joint is not None and self.joint.kind in ("and", "with", "or")
        bare = all((self.is_named(f) or f.generic) and not f.conditions for f in (self.figures[i] for i in self.chain))
        if not self.spread and self.chain_is_list and bare and self.verb and not singular and not self.open_is_fresh:
            self.spread = list(self.chain)  # Anna and Tom wearing hats
        self.open += conditions
        self.verb = False

    def flush(self, *, is_noun: bool = False) -> None:
        """What is open is said of the one before, or of somebody without a word of their own."""
        if not self.open:
            return
        conditions, self.open = self.open, []
        begins_new = self.open_is_fresh or self.counting is not None or (is_noun and self.open_is_joined)
        if self.current is None or begins_new:
            figure = Figure(said=self.counting is not None)
            if self.counting is not None:
                counted(figure, self.counting)
                figure.spans += [word.span for word in self.counting.counting]
                figure.member_of = self.counting_of
                figure.noun = self.like_those_before() if self.counting.another else []
                self.counting = None
            figure.conditions = conditions
            self.append(figure, joint=self.open_or)
            return
        targets = self.spread or [self.current]
        for index in targets:
            figure = self.figures[index]
            if self.open_or is not None and not figure.conditions:  # Anna, or in a hat
                figure.noun, figure.conditions = [], figure.noun
            said = figure.conditions
            if self.open_or is not None and said:
                at = last_said(said)
                said[at:] = [either(said[at:], conditions, shares=not self.open_is_singular)]
            else:
                said += conditions
                self.missed += [self.open_or] if self.open_or is not None else []
        self.spread = []

    def like_those_before(self) -> list[Condition]:
        """What the last word for people said, which is not repeated; with the same places: it is said once."""
        like = next((f.noun for f in reversed(self.figures) if f.noun and not f.is_none), [])
        return [c for c in like if not isinstance(c, Named)]

    def last_worn(self) -> Wears | None:
        """The garment spoken of last, of the same person."""
        conditions = self.open or ([] if self.current is None else self.figures[self.current].conditions)
        last = conditions[-1] if conditions else None
        return last if isinstance(last, Wears) else None

    def replace_last(self, condition: Wears) -> None:
        conditions = self.open
        if not conditions:
            assert self.current is not None
            conditions = self.figures[self.current].conditions
        conditions[-1] = condition

    def spans(self, said: Phrase) -> tuple[Span, ...]:
        span = said.span(self.words)
        spans = (*dict.fromkeys(self.leading), span)
        self.leading.clear()
        return spans

    @property
    def carries_on(self) -> bool:
        """Whether a negation goes on from what was said before."""
        return self.negation is not None and self.negation_used

    def is_so(self) -> bool:
        """Whether what comes now is so; a negation goes on over "or", "and" and 、"""
        if self.negation is None:
            return True
        if self.negation_used:
            goes_on = self.joint is not None and self.joint.kind in ("or", "and", "with", "comma")
            if not goes_on:
                self.negation = None
                return True
            if self.negation.span not in self.leading:
                self.leading.insert(0, self.negation.span)
        self.negation_used = True
        return False

    def end_negation(self) -> None:
        """A negation ends; one of nothing is of what was said of somebody before: one with a hat and one without."""
        if self.negation is not None and not self.negation_used:
            before = [c for f in self.figures for c in (*f.noun, *f.conditions) if isinstance(c, Wears) and c.is_so]
            if before and self.current is not None and not self.open:
                negated = Wears(before[-1].things, is_so=False, spans=(self.negation.span,))
                if self.counting is not None:  # 另一个不戴
                    self.open = [negated]
                    self.flush()
                else:
                    self.figures[self.current].conditions.append(negated)
            else:
                self.missed.append(self.negation)
            self.leading.clear()
        self.negation = None

    def last_is_implicit(self) -> bool:
        return (
            bool(self.figures)
            and not self.figures[-1].said
            and self.current == len(self.figures) - 1
            and not self.fresh
        )
