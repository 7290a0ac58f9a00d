"""A photo → a copy that is safe to hand out: look, plan, paint, and check what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mien.errors import MienError
from mien.parsing.parse import Parse, map_size
from mien.sharing.checking import Checker
from mien.sharing.painting import enlarged, paint
from mien.sharing.planning import plan
from mien.sharing.screening import Screener, Sighted
from mien.sharing.shapes import Mask, grown
from mien.sharing.wish import Style, Subject, Wish
from mien.vision.geometry import Image, Pyramid

TRIES = 3
"""Looks at a copy. What is still found is hidden, larger and plainer; who is found at the last look is not shared."""


@dataclass(frozen=True, eq=False)
class Copy:
    """A copy that passed the check.

    Attributes:
        pixels: uint8 (h, w, 3), sRGB, upright.
        hidden: bool (h, w); what was painted over. All else is as it was, to the byte.
        kept: how many figures may be seen in it.
        strangers: how many figures of the parse are hidden.
        others: how many faces and bodies beside them.
    """

    pixels: Image
    hidden: Mask
    kept: int
    strangers: int
    others: int


class Copyist:
    """Makes copies. Loads its networks once; not shared between threads."""

    def __init__(self) -> None:
        """Raises `ModelError` if a shipped network is missing or damaged."""
        self._screener = Screener()
        self._checker = Checker(self._screener)

    def __call__(
        self,
        pixels: Image,
        parse: Parse | None,
        subjects: Sequence[Subject],
        wish: Wish,
        *,
        random: np.random.Generator | None = None,
        file: str = "?",
    ) -> Copy:
        """The copy of an upright sRGB photo, uint8 (h, w, 3), at its full size; the photo is left as it is.

        Args:
            parse: what is known of the photo; None: nothing, so that everybody is hidden whom the look at it sees.
            subjects: who is who in the parse; figures that are not among them are strangers.
            random: where the noise comes from, for tests; by default it cannot be repeated.
            file: what the photo is called in errors.

        Raises `MienError` ("share-recognisable") if somebody can still be found or recognised who is not to be.
        """
        height, width = pixels.shape[:2]
        parse = parse or Parse.empty(*map_size(width, height)[1:])
        random = random or np.random.default_rng()
        what = plan(parse, subjects, self._look(pixels, parse), wish)
        hidden = enlarged(what.mask, width, height)
        copy = pixels.copy()
        paint(copy, hidden, wish.style, random)
        unseen = [person for person in subjects if not person.keep]
        changed = what.mask
        for _ in range(TRIES):
            left = self._checker(Pyramid(copy), what, changed, unseen)
            if left is None:
                break
            changed = grown(left, 2)
            more = changed & ~what.clear
            for part, style in ((more & ~what.mask, wish.style), (more & what.mask, _plainer(wish.style))):
                larger = enlarged(part, width, height)
                paint(copy, larger, style, random)
                hidden |= larger
            what = what.with_more(more)
        else:
            raise MienError("share-recognisable", file=file)
        kept = sum(person.keep for person in subjects)
        drawn = sum(person.ordinal is None and not person.keep for person in subjects)
        figures = len(parse) - sum(person.keep and person.ordinal is not None for person in subjects)
        return Copy(copy, hidden, kept, figures + drawn, what.strangers)

    def _look(self, pixels: Image, parse: Parse) -> Sighted:
        """Who may be there, in px of the parse's maps."""
        height, width = pixels.shape[:2]
        sighted = self._screener(Pyramid(pixels))
        scale = np.array([parse.size[0] / width, parse.size[1] / height] * 2)
        return replace(
            sighted,
            faces=sighted.faces * scale,
            keypoints=sighted.keypoints * scale[:2],
            bodies=sighted.bodies * scale,
        )


def _plainer(style: Style) -> Style:
    """What is drawn where something was found nevertheless."""
    return "silhouette" if style == "silhouette" else "fill"
