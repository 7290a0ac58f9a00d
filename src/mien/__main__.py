"""`python -m mien` is `mien`."""

import signal


def main() -> None:
    """Entry point of the `mien` command. Until that begins, Ctrl-C ends it without a word: nothing was done."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from mien import cli

    cli.main()


if __name__ == "__main__":
    main()
