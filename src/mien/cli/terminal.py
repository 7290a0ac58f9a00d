"""What may be sent to a terminal."""


def harmless(words: str) -> str:
    """`words` with every control character but line ends made visible: a file name must not steer the terminal."""
    return "".join(
        c if c.isprintable() or c in "\n\u200c\u200d" else c.encode("unicode_escape").decode() for c in words
    )
