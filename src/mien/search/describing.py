"""Phrases for what is worn and how somebody looks, in their places in the question."""

from dataclasses import replace

from mien.search import wearing
from mien.search.phrases import Phrase
from mien.search.query import Wears
from mien.search.reading import Reading


class Describing(Reading):
    """Reads garments, hair, and what is said of them before or behind."""

    def worn(self, said: Phrase) -> None:
        """A garment: jeans, a red hat."""
        before = self.last_worn() if self.joint is not None and self.joint.kind == "or" else None
        is_so = self.is_so()
        condition = wearing.wears(said, self.spans(said), self.missed, is_so=is_so)
        if before is not None and is_so and _differ_in_kind(before, condition):
            joined = before.things | condition.things
            self.replace_last(replace(before, things=joined, spans=before.spans + condition.spans))
        else:
            self.add([condition], singular=said.singular)

    def hair(self, said: Phrase) -> None:
        """Hair: long hair, 黑头发."""
        is_so = self.is_so()
        conditions = wearing.hair(said, self.spans(said), self.missed, is_so=is_so)
        self.bare_hair = None if conditions else said.head
        if said.head is not None and not conditions:
            self.missed.append(said.head)
        self.add(conditions)

    def described(self, said: Phrase) -> None:
        """Colours, patterns or looks without what they are of: of the garment before, or of clothes in general."""
        is_so = self.is_so()
        bare = [w for w in said.looks if w["aspect"] == "bare" or w.kind == "style"]
        if len(bare) < len(said.looks) or self.bare_hair is not None:
            if self.bare_hair is not None:
                self.missed = [w for w in self.missed if w is not self.bare_hair]
            span = () if self.bare_hair is None else (self.bare_hair.span,)
            self.add(wearing.hair(said, span + self.spans(said), self.missed, is_so=is_so))
            return
        spans = self.spans(said)
        self.add(wearing.looks(bare, spans, is_so=is_so))
        if not (said.colours or said.pattern or said.sleeves):
            last = self.last_worn()
            if said.length is not None and last is not None and last.hem is None and is_so and self.joint is None:
                self.replace_last(replace(last, hem=said.length["is"], spans=last.spans + spans))
            else:
                self.missed += [*said.shades, *([said.length] if said.length else [])]
            return
        condition = wearing.wears(said, spans, self.missed, is_so=is_so)
        if said.same and (before := [c for f in self.figures for c in f.conditions if isinstance(c, Wears)]):
            condition = replace(condition, things=before[-1].things)
        last = self.last_worn() if not said.same else None
        joint = "" if self.joint is None else self.joint.kind
        if joint == "with" and not condition.colours:
            joint = ""  # a dress with stripes
        if last is None or joint not in ("", "comma") or (joint and is_so):
            self.add([condition])
        elif not is_so:
            self.add([replace(condition, things=last.things)])
        elif (condition.colours and last.colours) or (condition.pattern and last.pattern) or not last.is_so:
            self.add([condition])
        else:
            self.replace_last(
                replace(
                    last,
                    colours=condition.colours or last.colours,
                    pattern=condition.pattern or last.pattern,
                    sleeves=condition.sleeves or last.sleeves,
                    hem=condition.hem or last.hem,
                    spans=last.spans + condition.spans,
                )
            )


def _differ_in_kind(one: Wears, other: Wears) -> bool:
    """Whether two garments differ in what they are alone: red jeans or shorts."""
    of_one = replace(one, things=frozenset())
    return of_one == replace(other, things=frozenset(), colours=other.colours or one.colours)
