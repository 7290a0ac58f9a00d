"""`python -m mien.search.manual`: writes the lists of docs/search.md and docs/search.zh-CN.md from the lexicon."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from mien.language import LANGUAGES, Language
from mien.language import text as message
from mien.search.lexicon import Sense, rows, worn
from mien.search.wording import joined
from mien.traits import lexicon as colours

BEGINS = "<!-- generated -->"
_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("worn", ("worn",)),
    ("colour", ("colour",)),
    ("pattern", ("pattern", "sleeves", "length")),
    ("person", ("person",)),
    ("hair", ("hair", "look", "lacking", "having")),
    ("relation", ("relation", "between", "alone", "nobody_else", "nobody", "everybody", "crowd", "bound")),
    ("holiday", ("holiday",)),
    ("time", ("period", "season", "months", "weekdays", "hours", "o_clock", "meridiem")),
    ("beyond", ("kin", "maker", "either_way", "beyond")),
)


def page_name(language: Language) -> str:
    """The page on what can be asked."""
    return "search.md" if language == "en" else "search.zh-CN.md"


def generated(language: Language) -> str:
    """The lists of all words, as Markdown."""
    lines = [BEGINS, "", message("search.manual.generated", language=language), ""]
    for section, kinds in _SECTIONS:
        lines += [f"## {message(f'search.manual.{section}', language=language)}", ""]
        if section == "beyond":
            words = [w for sense, english, chinese in rows() if sense.kind in kinds for w in _shown(english + chinese)]
            lines += [", ".join(words), ""]
            continue
        meaning, word = (message(f"search.manual.{name}", language=language) for name in ("meaning", "word"))
        lines += [f"| {meaning} | {word} |", "|---|---|"]
        lines += [f"| {label} | {words} |" for label, words in _table(kinds, language)]
        lines.append("")
    return "\n".join(lines)


def _table(kinds: Iterable[str], language: Language) -> Iterator[tuple[str, str]]:
    for kind in kinds:
        for sense, english, chinese in rows():
            if sense.kind == kind and (english or chinese):
                yield _meaning(sense, english, chinese, language), ", ".join(_shown(english + chinese))


def _shown(words: Iterable[str]) -> list[str]:
    return [word.partition("/")[0] for word in words]


def _meaning(sense: Sense, english: list[str], chinese: list[str], language: Language) -> str:
    """What the words of one line mean, in the user's language."""
    said: list[str] = []
    match sense.kind:
        case "worn":
            label = worn()[sense["id"]].label[language]
            narrower = message("search.manual.narrower", language=language, thing=label)
            said.append(narrower if sense["narrower"] else label)
            said += [message(f"search.hem.{sense['hem']}", language=language)] if sense["hem"] else []
            said += [_label_of("sleeves", sense["sleeves"], language)] if sense["sleeves"] else []
        case "colour":
            said.append(colours.display_name(sense["is"], "colour", language))
        case "person":
            for aspect in ("age_group", "style"):
                said += [message(f"search.{aspect}.{sense[aspect]}", language=language)] if sense[aspect] else []
            if sense["hair"]:
                name = colours.display_name(sense["hair"], "hair", language)
                said.append(message("search.hair", language=language, colour=name))
            said = said or [message("search.somebody", language=language)]
        case "look" if sense["aspect"] == "hair":
            name = colours.display_name(sense["is"], "hair", language)
            said.append(message("search.hair", language=language, colour=name))
        case "look":
            said.append(message(f"search.{sense['aspect']}.{sense['is']}", language=language))
        case "hair" if sense["length"]:
            said.append(message(f"search.hair_length.{sense['length']}", language=language))
        case _:
            named: str | None = (sense["label"] or {}).get(language)
            said.append(named or _shown((chinese or english) if language == "zh" else (english or chinese))[0])
    return joined(said, "listed", language)


def _label_of(kind: str, value: str, language: Language) -> str:
    return next(str(sense["label"][language]) for sense, _, _ in rows() if sense.kind == kind and sense["is"] == value)


def main() -> None:
    """Writes the pages of this checkout."""
    docs = Path(__file__).parents[3] / "docs"
    for language in LANGUAGES:
        page = docs / page_name(language)
        written = page.read_text(encoding="utf-8").partition(BEGINS)[0]
        page.write_text(written + generated(language), encoding="utf-8")


if __name__ == "__main__":
    main()
