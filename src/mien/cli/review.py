"""`mien review`: the questions about people whose answers help most, one after the other; `mien review answer`."""

import sys
from pathlib import Path
from typing import Any

import click

from mien.catalog.library import Library
from mien.catalog.listing import DIGITS
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json, print_rows, print_table, say, tell
from mien.errors import DecisionConflict, UnknownName
from mien.indexing import deciding, reviewing
from mien.indexing.reviewing import Asked, Said, Shown
from mien.language import text

_KEYS = ("same", "different", "unsure", "undo", "quit")


@click.group(
    invoke_without_command=True,
    help=text("cli.review.help"),
    short_help=text("cli.review.summary"),
    no_args_is_help=False,
)
@click.option(
    "--limit", type=click.IntRange(1, reviewing.KEPT), default=20, show_default=True, help=text("cli.review.limit")
)
@library_option
@json_option
@click.pass_context
def command(context: click.Context, limit: int, library_folder: Path | None, as_json: bool) -> None:
    if context.invoked_subcommand is not None:
        return
    with Library.open(library_folder) as library:
        deciding.up_to_date(library)
        asked = reviewing.questions(library, limit)
        if as_json:
            print_rows(map(_row, asked))
        elif not asked:
            say(text("cli.review.none"))
        elif sys.stdin.isatty() and sys.stdout.isatty():
            _converse(library, asked)
        else:
            print_table(
                [text(f"cli.review.{name}") for name in ("question", "asked", "probability", "why", "figure", "other")],
                ((a.question_id, _words(a), _percent(a), a.why, a.figure.path, a.other.path) for a in asked),
            )


@command.command("answer", help=text("cli.review.answer.help"), short_help=text("cli.review.answer.summary"))
@click.argument("question")
@click.argument("said", type=click.Choice(("same", "different", "unsure")))
@library_option
@json_option
def answer(question: str, said: Said, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        done = reviewing.answer(library, question, said)
    if as_json:
        print_json({"decision": done.entry.id, "kind": done.entry.kind, "person_ids": list(done.person_ids)})
    else:
        tell(text(f"cli.review.said.{said}"))


def _converse(library: Library, asked: tuple[Asked, ...]) -> None:
    """Ask one question after the other. What was answered holds at once; people follow at the end."""
    said: list[tuple[int, str]] = []
    number = 0
    try:
        while number < len(asked):
            tell(_card(asked[number], number + 1, len(asked)))
            key = _key()
            if key == "quit":
                break
            if key == "undo":
                number = _take_back(library, said, number)
                continue
            try:
                decision = reviewing.settle(library, asked[number], key, follow=False)
                said.append((number, decision.entry.id))
                tell(text(f"cli.review.said.{key}"))
            except (DecisionConflict, UnknownName) as error:  # other answers said it already, or something against it
                say(error.message())
            number += 1
    finally:
        if said:
            tell(text("cli.review.kept", n=len(said)))
    deciding.up_to_date(library)


def _take_back(library: Library, said: list[tuple[int, str]], number: int) -> int:
    """Undo the last answer; the number of the question to ask again."""
    if not said:
        say(text("cli.review.nothing-to-undo"))
        return number
    before, decision = said[-1]
    deciding.undo(library, expected=decision, follow=False)
    said.pop()
    tell(text("cli.review.undone"))
    return before


def _key() -> Any:
    """Which of `_KEYS` the user typed, and Enter; in Chinese also by the word's character. An end of input quits.

    A line, not a bare key: what is typed ahead is not lost, and an input method can be used.
    """
    while True:
        click.echo(text("cli.review.prompt"), nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo()
            return "quit"
        typed = line.strip().lower()
        for name in _KEYS if typed else ():
            if typed[0] in text(f"cli.review.key.{name}"):
                return name


def _card(asked: Asked, number: int, of: int) -> str:
    lines = [
        "",
        text("cli.review.heading", number=number, of=of, question=_words(asked), percent=_percent(asked)),
        _line(asked.figure),
        _line(asked.other),
        text("cli.review.because", why=asked.why),
    ]
    return "\n".join(lines)


def _line(shown: Shown) -> str:
    return text(
        "cli.review.line",
        who=shown.name or text("cli.review.nobody"),
        photo=shown.path,
        taken=shown.taken_at or text("cli.review.undated"),
        left=round(shown.box[0] * 100),
        right=round(shown.box[2] * 100),
    )


def _words(asked: Asked) -> str:
    """The question in words."""
    kind, name = asked.question.kind, asked.other.name
    if kind == "same" or name is not None:
        return text(f"review.question.{kind}", name=name)
    return text("review.question.unnamed" if kind == "person" else "review.question.doubt-unnamed")


def _percent(asked: Asked) -> str:
    return f"{round(asked.question.probability * 100)} %"


def _row(asked: Asked) -> dict[str, Any]:
    question = asked.question
    return {
        "question": asked.question_id,
        "kind": question.kind,
        "probability": round(question.probability, DIGITS),
        "gain": round(question.gain, DIGITS),
        "figures": question.figures,
        "why": asked.why,
        "reasons": [reason.kind for reason in question.reasons],
        "figure": _shown(asked.figure),
        "other": _shown(asked.other),
    }


def _shown(shown: Shown) -> dict[str, Any]:
    size = (shown.width, shown.height) * 2
    return {
        "figure_id": shown.figure_id,
        "person_id": shown.person_id,
        "name": shown.name,
        "photo": shown.path,
        "photo_id": shown.photo_id,
        "taken_at": shown.taken_at,
        "box": [round(share * px, 1) for share, px in zip(shown.box, size, strict=True)],
    }
