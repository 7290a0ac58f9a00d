"""`mien review`, with a real terminal where it has a dialogue."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mien.catalog import listing
from mien.catalog.library import Library
from mien.cli import Commands
from mien.indexing import deciding
from mien.indexing.indexer import index
from tests.cli.conftest import Done
from tests.indexing import fake
from tests.indexing.conftest import START
from tests.indexing.inline import Inline
from tests.indexing.test_reviewing import COLOURS, alike


def mien(*arguments: str, library: Path, language: str = "en") -> Done:
    """Run `mien` in this process, which is no terminal."""
    environment = {"MIEN_LIBRARY": str(library), "MIEN_LANG": language}
    done = CliRunner().invoke(Commands("mien"), arguments, env=environment)
    return Done(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five people, each alone in three photos; three of them look a little alike, and one of these is Anna."""
    alike(monkeypatch)
    for n in range(15):
        photo = tmp_path / "album" / f"IMG_2020050{1 + n % 9}_0{n // 9}0000.png"
        fake.photo_of(photo, {COLOURS[n % 5]: 40}, taken=START.replace(day=1 + n), shade=n * 9)
    with Library.open(tmp_path / "library") as made:
        index(made, [tmp_path / "album"], engine="fake", jobs=1, executor=Inline(), make_chain=fake.make_fake)
    rows = mien("review", "--json", library=tmp_path / "library").rows
    with Library.open(tmp_path / "library") as made:
        deciding.name(made, rows[0]["other"]["person_id"], "Anna")
    return tmp_path / "library"


def people(folder: Path) -> int:
    with Library.open(folder) as library:
        deciding.up_to_date(library)
        return len(listing.people(library.catalog))


def kinds(folder: Path) -> list[str]:
    with Library.open(folder) as library:
        return [entry.kind for entry in library.journal.entries()]


def test_without_questions_it_says_so(tmp_path: Path) -> None:
    done = mien("review", library=tmp_path / "library")
    assert (done.code, done.out) == (0, "")
    assert "nothing to ask" in done.err
    assert mien("review", "--json", library=tmp_path / "library") == Done(0, "", "")


def test_json_lists_the_questions(library: Path) -> None:
    rows = mien("review", "--json", library=library).rows
    assert len(rows) == 2
    for row in rows:
        assert set(row) == {"question", "kind", "probability", "gain", "figures", "why", "reasons", "figure", "other"}
        assert row["kind"] == "person"
        assert 0 < row["probability"] < 1
        assert row["other"]["name"] == "Anna"
        assert set(row["figure"]) == {"figure_id", "person_id", "name", "photo", "photo_id", "taken_at", "box"}
        assert Path(row["figure"]["photo"]).exists()
        assert row["figure"]["box"] == pytest.approx([40, 20, 70, 110], abs=1)
    assert len(mien("review", "--json", "--limit", "1", library=library).rows) == 1
    table = mien("review", library=library)
    assert table.code == 0
    assert rows[0]["question"] in table.out
    assert "Is this Anna?" in table.out
    assert "这是Anna吗？" in mien("review", library=library, language="zh").out


def test_a_script_answers(library: Path) -> None:
    first, second = mien("review", "--json", library=library).rows
    done = mien("review", "answer", first["question"], "same", "--json", library=library)
    assert done.code == 0
    assert done.rows[0]["kind"] == "same"
    assert mien("review", "answer", second["question"], "different", library=library).out == "Two people.\n"
    assert people(library) == 4
    assert mien("review", "--json", library=library).rows == []
    again = mien("review", "answer", first["question"], "same", library=library)
    assert again.code == 1
    assert first["question"] in again.err


@pytest.mark.parametrize(
    "arguments",
    [("answer",), ("answer", "0123456789ab"), ("answer", "0123456789ab", "maybe"), ("--limit", "0"), ("--limit", "x")],
)
def test_wrong_use(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert mien("review", *arguments, library=tmp_path / "library").code == 2


@dataclass
class Terminal:
    """`mien review` on a pseudo-terminal."""

    process: "subprocess.Popen[bytes]"
    master: int
    seen: str = ""

    def until(self, words: str) -> str:
        """What is shown until these words are; they are awaited anew every time."""
        import select

        deadline = time.monotonic() + 30
        while words not in self.seen:
            assert time.monotonic() < deadline, f"{words!r} is not in {self.seen!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode("utf-8", "replace").replace("\r\n", "\n")
                except OSError:  # the other end is closed
                    assert words in self.seen, self.seen
        before, _, self.seen = self.seen.partition(words)
        return before

    def press(self, keys: str) -> None:
        os.write(self.master, f"{keys}\n".encode())

    def end(self) -> int:
        return self.process.wait(60)


@pytest.fixture
def terminal(library: Path) -> Iterator[Callable[..., Terminal]]:
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals are POSIX's")
    import pty

    opened: list[Terminal] = []

    def start(*arguments: str, language: str = "en") -> Terminal:
        master, slave = pty.openpty()
        environment = {**os.environ, "MIEN_LIBRARY": str(library), "MIEN_LANG": language, "TERM": "xterm"}
        process = subprocess.Popen(
            [sys.executable, "-m", "mien", "review", *arguments],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True, preexec_fn=_controlling,
        )  # fmt: skip
        os.close(slave)
        opened.append(Terminal(process, master))
        return opened[-1]

    yield start
    for each in opened:
        each.process.kill()
        each.process.wait()
        os.close(each.master)


def _controlling() -> None:
    """So that Ctrl-C reaches the process as it does from a keyboard."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


PROMPT = "q quit: "


def test_a_dialogue(terminal: Callable[..., Terminal], library: Path) -> None:
    shell = terminal()
    card = shell.until(PROMPT)
    assert "1/2  Is this Anna?" in card
    assert ".png" in card
    assert "2020-05-" in card
    assert "because: faces" in card
    shell.press("x")  # no answer
    shell.until(PROMPT)
    shell.press("s")
    shell.until("One person.")
    shell.until(PROMPT)
    shell.press("d")
    shell.until("Two people.")
    shell.until("Answers kept: 2.")
    assert shell.end() == 0
    assert kinds(library) == ["name", "same", "different"]
    assert people(library) == 4


def test_undo_asks_again_and_quit_keeps_what_was_said(terminal: Callable[..., Terminal], library: Path) -> None:
    shell = terminal()
    shell.until(PROMPT)
    shell.press("u")
    shell.until("Nothing was answered yet.")
    shell.until(PROMPT)
    shell.press("d")
    assert "2/2" in shell.until(PROMPT)
    shell.press("u")
    shell.until("Taken back.")
    assert "1/2" in shell.until(PROMPT)
    shell.press("n")
    shell.until("Not known.")
    shell.until(PROMPT)
    shell.press("q")
    shell.until("Answers kept: 1.")
    assert shell.end() == 0
    assert kinds(library) == ["name", "different", "undo", "unsure"]


def test_in_chinese(terminal: Callable[..., Terminal], library: Path) -> None:
    shell = terminal(language="zh")
    assert "这是Anna吗？" in shell.until("q 结束：")
    shell.press("同")
    shell.until("是同一个人。")
    shell.until("q 结束：")
    os.write(shell.master, b"\x04")
    shell.until("已保存回答 1 个。")
    assert shell.end() == 0
    assert kinds(library) == ["name", "same"]


def test_ctrl_c_leaves_every_answer_in_place(terminal: Callable[..., Terminal], library: Path) -> None:
    shell = terminal()
    shell.until(PROMPT)
    shell.press("s")
    shell.until("One person.")
    shell.until(PROMPT)
    os.write(shell.master, b"\x03")
    shell.until("Answers kept: 1.")
    assert shell.end() == 1
    assert kinds(library) == ["name", "same"]
    assert people(library) == 4


def test_nothing_is_printed_but_json(library: Path) -> None:
    for line in mien("review", "--json", library=library).out.splitlines():
        row: dict[str, Any] = json.loads(line)
        assert row["why"]
