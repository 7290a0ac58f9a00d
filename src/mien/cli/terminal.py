"""What may be sent to a terminal."""

import unicodedata


def harmless(words: str) -> str:
    """`words` with every control character but line ends made visible: a file name must not steer the terminal."""
    return "".join(c if _is_harmless(c) else c.encode("unicode_escape").decode() for c in words)


def _is_harmless(letter: str) -> bool:
    return letter.isprintable() or letter in "\n\u200c\u200d" or unicodedata.category(letter) == "Zs"  # 97 %, 全　角
