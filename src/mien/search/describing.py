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
        carries_on = self.carries_on
        is_so = self.is_so()
        condition = wearing.wears(said, self.spans(said), self.missed, is_so=is_so)
        self.add([condition], singular=said.singular or said.counts, carries_on=carries_on and not is_so)

    def hair(self, said: Phrase) -> None:
        """Hair: long hair, 黑头发."""
        carries_on = self.carries_on
        is_so = self.is_so()
        conditions = wearing.hair(said, self.spans(said), self.missed, is_so=is_so)
        self.bare_hair = None if conditions else said.head
        if said.head is not None and not conditions:
            self.missed.append(said.head)
        self.add(conditions, carries_on=carries_on and not is_so)

    def described(self, said: Phrase) -> None:
        """Colours, patterns or looks without what they are of: of the garment before, or of clothes in general."""
        carries_on = self.carries_on
        is_so = self.is_so()
        carries_on &= not is_so
        bare = [w for w in said.looks if w["aspect"] != "hair"]
        if len(bare) < len(said.looks) or self.bare_hair is not None:
            if self.bare_hair is not None:
                self.missed = [w for w in self.missed if w is not self.bare_hair]
            span = () if self.bare_hair is None else (self.bare_hair.span,)
            self.add(wearing.hair(said, span + self.spans(said), self.missed, is_so=is_so), carries_on=carries_on)
            return
        spans = self.spans(said)
        self.add(wearing.looks(bare, spans, is_so=is_so), carries_on=carries_on)
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
        if joint == "or" and last is not None and last.colours and condition.colours:
            condition = replace(condition, things=last.things)  # a red dress or blue
        if last is None or joint not in ("", "comma") or (joint and is_so):
            self.add([condition], carries_on=carries_on)
        elif not is_so:
            self.add([replace(condition, things=last.things)], carries_on=carries_on)
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
