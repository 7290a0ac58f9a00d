"""Every text a user sees, in English and Chinese, by a dotted key.

The texts stand side by side in `messages/<room>.toml`: `[room.key]` with `en = "…"` and `zh = "…"`,
`{placeholders}` as in `str.format`. The language is the one of the `speaking` block around, if any; else `MIEN_LANG`
(`en` or `zh`), else the system's.
"""

import functools
import locale
import os
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import resources
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` in this block, and in what is called from it: the web answers each visitor in theirs."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def current_language() -> Language:
    """The language to speak now."""
    if (spoken := _spoken.get()) is not None:
        return spoken
    chosen = os.environ.get("MIEN_LANG", "")
    if not chosen:
        for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
            if chosen := os.environ.get(variable, ""):
                break
        else:
            chosen = locale.getlocale()[0] or ""
    return "zh" if chosen.lower().startswith(("zh", "chinese")) else "en"


@functools.cache
def messages() -> dict[str, dict[Language, str]]:
    """All texts: dotted key → language → text."""
    table: dict[str, dict[Language, str]] = {}

    def collect(prefix: str, node: dict[str, Any]) -> None:
        if isinstance(node.get("en"), str):
            table[prefix] = {language: node[language] for language in LANGUAGES}
            return
        for name, child in node.items():
            collect(f"{prefix}.{name}" if prefix else name, child)

    for file in sorted(resources.files("mien").joinpath("messages").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            collect("", tomllib.loads(file.read_text(encoding="utf-8")))
    return table


def text(key: str, /, *, language: Language | None = None, **values: object) -> str:
    """The text of `key` in `language` (default: the current one); raises `KeyError` for an unknown key."""
    return messages()[key][language or current_language()].format(**values)


def listed(words: Iterable[str], language: Language | None = None) -> str:
    """ "red coat, white top" """
    return ("、" if (language or current_language()) == "zh" else ", ").join(words)
