"""Why a figure says nothing of how tall somebody was, or why it is no ruler for who stands beside it."""

from typing import Literal, get_args

from mien.language import Language, text

Reason = Literal[
    "no-date", "before-birth", "grown", "unsure-who", "twice", "not-seen", "small", "cut-off", "head-hidden", "hat",
    "feet-hidden", "half-hidden", "seated", "bent", "stride", "wide-lens", "no-adult", "no-birth", "adults-disagree",
    "uncertain",
]  # fmt: skip
"""All that there are, in the order in which they are looked for:

- no-date: the photo does not say when it was taken
- before-birth, grown: taken before they were born, or when they were grown up
- unsure-who: it is not sure that this is them
- twice: the person is in the photo twice (a mirror, a collage): which of them stands there?
- not-seen: too little is seen, drawn by hand, or not parsed now: no skeleton is known
- small: too few pixels
- cut-off: head or feet touch the photo's edge
- half-hidden: shoulders, hips or knees are not seen
- head-hidden, hat, feet-hidden: where the body ends above or below is not seen
- seated, bent, stride: not upright
- wide-lens: the lens bends what is near the edges
- no-adult: nobody of known height stands upright in the photo, nor is the face seen well enough for proportions
- no-birth: the same, and for proportions it takes the day of birth
- adults-disagree: the people of known height cannot all stand on one ground
- uncertain: the answer would be no better than a guess
"""

REASONS: tuple[Reason, ...] = get_args(Reason)


def said(reason: Reason, language: Language | None = None) -> str:
    """In the user's words."""
    return text(f"growth.reason.{reason}", language=language)
