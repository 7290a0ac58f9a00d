"""A phrase → conditions: what is worn, what hair there is, how somebody looks."""

from collections.abc import Iterable

from mien.search.lexicon import worn
from mien.search.phrases import Phrase
from mien.search.query import Aspect, Condition, Looks, Span, Wears
from mien.search.words import Word

_HAIR = {
    "black": "black", "brown": "brown", "tan": "brown", "yellow": "blond", "mustard": "blond", "beige": "blond",
    "cream": "blond", "orange": "red", "peach": "red", "red": "red", "maroon": "red", "grey": "grey", "white": "white",
    "gold": "blond", "charcoal": "black", "light grey": "grey", "dark brown": "brown", "rust": "red", "coral": "red",
}  # fmt: skip
_SHADES_OF_HAIR = {word: {"black", "brown"} for word in ("dark", "深", "深色")} | {
    word: {"blond"} for word in ("light", "浅", "淡", "浅色")
}
_HEMMED = {"dress", "skirt", "coat", "top", "clothes"}
_LENGTH_SAYS_NOTHING = {"trousers", "jeans"}


def said_of_person(word: Word, span: Span, *, is_so: bool = True) -> list[Condition]:
    """What a word for people says of how they look: "boy" is a child, and masculine."""
    aspects = (("age_group", word["age_group"]), ("style", word["style"]), ("hair", word["hair"]))
    return [Looks(aspect, frozenset([value]), is_so, (span,)) for aspect, value in aspects if value]  # type: ignore[arg-type]


def wears(said: Phrase, spans: tuple[Span, ...], missed: list[Word], *, is_so: bool = True) -> Wears:
    """Something worn; what is said of it that nothing answers goes to `missed`."""
    head = said.head
    if head is None or head.kind != "worn":
        alone = next((w for w in (said.sleeves, said.pattern) if w), None)
        thing = "top" if said.sleeves is not None and alone is not None and alone.is_chinese else "clothes"
        things, facts = worn()[thing].things, None
    else:
        things, facts = worn()[head["id"]].things, head
    missed += said.shades
    hem = facts["hem"] if facts else None
    if said.length is not None:
        if things & _HEMMED:
            hem = said.length["is"]
        elif not (things & _LENGTH_SAYS_NOTHING and said.length["is"] == "long"):
            missed.append(said.length)
    return Wears(
        things,
        said.colour_sets(),
        said.pattern["is"] if said.pattern else facts["pattern"] if facts else None,
        said.sleeves["is"] if said.sleeves else facts["sleeves"] if facts else None,
        hem,
        is_so,
        spans,
        (head.text,) if facts and head is not None and facts["narrower"] else (),
    )


def hair(said: Phrase, spans: tuple[Span, ...], missed: list[Word], *, is_so: bool = True) -> list[Condition]:
    """What is said of hair: its colour, its length."""
    found: list[Condition] = []
    colours = {_HAIR[w["is"]] for _, w in said.colours if w["is"] in _HAIR}
    missed += [w for _, w in said.colours if w["is"] not in _HAIR]
    colours |= {look["is"] for look in said.looks if look["aspect"] == "hair"}
    colours |= {person["hair"] for person in said.persons if person["hair"] and person is not said.head}
    for shade in said.shades:
        is_of_colour = any(colour.span > shade.span for _, colour in said.colours)  # but black or dark hair
        if not is_of_colour and shade.text in _SHADES_OF_HAIR:
            colours |= _SHADES_OF_HAIR[shade.text]
        else:
            missed.append(shade)
    if colours:
        found.append(Looks("hair", frozenset(colours), is_so, spans))
    length = (said.hair["length"] if said.hair else None) or (said.length["is"] if said.length else None)
    if length:
        found.append(Looks("hair_length", frozenset([length]), is_so, spans))
    return found


def looks(words: Iterable[Word], spans: tuple[Span, ...], *, is_so: bool = True) -> list[Condition]:
    """Words for looks by themselves: barefoot, blond-haired, feminine."""
    found: list[Condition] = []
    for word in words:
        aspect: Aspect = "style" if word.kind == "style" else word["aspect"]
        found.append(Looks(aspect, frozenset([word["style"] or word["is"]]), is_so, spans))
    return found
