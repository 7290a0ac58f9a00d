"""Every text a user sees, in English and Chinese, by a dotted key.

The texts stand side by side in `messages/<room>.toml`: `[room.key]` with `en = "…"` and `zh = "…"`,
`{placeholders}` as in `str.format`. The language is `MIEN_LANG` (`en` or `zh`), else the system's.
"""

import functools
import locale
import os
import tomllib
from importlib import resources
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def current_language() -> Language:
    """The language to speak now."""
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
