"""Decisions on the command line, and on their way to another library: real processes, real photos, another folder."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Indexed, Mien, call, run


def figures(mien: Mien) -> list[str]:
    """Of the two photos of one woman; one of them has two files."""
    return sorted({row["figure_id"] for row in mien("figures", "--json").rows})


def test_every_name_is_restored_in_a_fresh_library_of_the_same_photos(
    indexed: Indexed, mien: Mien, quick: Mien, tmp_path: Path
) -> None:
    (person,) = (row["person_id"] for row in quick("people", "--json").rows)
    assert mien("name", person, "艾琳 Collins").code == 0
    assert quick("born", "艾琳  collins", "1956-11-19").code == 0
    assert quick("height", "艾琳  collins", "168.5", "--on", "1990-01-02").code == 0
    assert quick("contact", "艾琳  collins").code == 0
    draw = ("draw", indexed.album / "sky.webp", "10", "20", "110", "420", "--person", "艾琳 Collins")
    assert quick(*draw).code == 0
    (before,) = quick("people", "--json").rows
    assert (before["figures"], before["contact"], before["born"]) == (3, True, "1956-11-19")

    file = tmp_path / "decisions.json"
    (written,) = mien("decisions", "export", file, "--json").rows
    assert written == {"file": str(file), "decisions": 5}
    assert quick("decisions", "export", "-").out == file.read_text(encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8"))["entries"][0]["body"]["name"] == "艾琳 Collins"

    album, other = tmp_path / "elsewhere" / "photos", tmp_path / "other"
    shutil.copytree(indexed.album, album)
    (album / "IMG_20240501_101530.jpg").rename(album / "renamed.jpg")
    assert run("decisions", "import", file, library=other, language="zh").code == 0
    assert run("index", album, "--jobs", "1", library=other).code == 0
    (after,) = call("people", "--json", library=other).rows
    for name in ("person_id", "name", "figures", "contact", "born"):
        assert after[name] == before[name]
    (again,) = call("decisions", "import", file, "--json", library=other).rows
    assert again == {"new": 0, "known": 5, "waiting": 0, "conflicts": []}
    assert call("decisions", "export", "-", library=other).out == file.read_text(encoding="utf-8")
    assert [row["holds"] for row in call("history", "--json", library=other).rows] == [True] * 6


def test_an_import_that_contradicts_what_was_said_is_refused_as_a_whole(
    indexed: Indexed, quick: Mien, tmp_path: Path
) -> None:
    fresh, file = tmp_path / "fresh", tmp_path / "decisions.json"
    shutil.copytree(indexed.library, fresh)
    one, other = figures(quick)
    assert quick("same", one, other).code == 0
    assert quick("not-a-person", one, "--no").code == 0
    assert quick("decisions", "export", file).code == 0
    assert call("different", one, other, library=fresh).code == 0
    refused = call("decisions", "import", file, "--json", library=fresh)
    assert refused.code == 1
    assert refused.out == ""
    assert "one person" in refused.err
    assert "two different people" in refused.err
    assert len(call("history", "--json", library=fresh).rows) == 1
    (done,) = call("decisions", "import", file, "--skip-conflicts", "--json", library=fresh).rows
    assert (done["new"], len(done["conflicts"])) == (1, 1)
    assert len(call("people", "--json", library=fresh).rows) == 2, "they are still two"


@pytest.mark.parametrize(
    "content", ["", "nothing", "[]", "{}", *(f'{{"format": "mien-decisions", "version": {n}}}' for n in (1, 9))]
)
def test_what_is_no_file_of_decisions_is_refused_and_never_written_over(tmp_path: Path, content: str) -> None:
    file, library = tmp_path / "file.json", tmp_path / "library"
    file.write_text(content)
    done = call("decisions", "import", file, library=library, language="zh")
    assert (done.code, done.out) == (1, "")
    if '"version": 9' not in content:
        assert call("decisions", "export", file, library=library).code == 2
        assert file.read_text() == content


def test_each_command_says_what_it_did_and_undo_takes_it_back(quick: Mien) -> None:
    one, other = figures(quick)
    (person,) = (row["person_id"] for row in quick("people", "--json").rows)
    steps = [
        (("same", one, other), 1),
        (("name", person, "Ana"), 1),
        (("reject", other), 2),
        (("confirm", one, "Ana"), 2),
        (("hide", "Ana"), 1),
        (("hide", "Ana", "--show"), 2),
        (("not-a-person", other), 1),
        (("contact", "Ana", "--no"), 1),
        (("born", "Ana", "--unknown"), 1),
        (("height", "Ana", "170"), 1),
    ]
    for step, people in steps:
        (row,) = quick(*step, "--json").rows
        assert row["decision"], step
        assert len(quick("people", "--json").rows) == people, step
    assert len(quick("people", "--hidden", "--json").rows) == 1
    history = quick("history", "--json").rows
    assert [row["kind"] for row in reversed(history)] == [step[0] for step, _ in steps]
    assert all(row["holds"] and row["said"] for row in history)
    chinese = quick("history", language="zh")
    assert "确认这是Ana" in chinese.out
    assert len(quick("history", "--limit", "2", "--json").rows) == 2
    taken = quick("undo", "4", "--json").rows
    assert [row["kind"] for row in taken] == ["height", "born", "contact", "not-a-person"]
    assert len(quick("people", "--json").rows) == 2
    assert [row["kind"] for row in quick("redo", "2", "--json").rows] == ["not-a-person", "contact"]
    (only,) = quick("undo", "--only", history[-3]["decision"][:8], "--json").rows
    assert only["kind"] == "reject"
    assert quick("undo", "99").code == 0
    assert quick("undo").code == 1
    assert quick("redo", "99").code == 0


@pytest.mark.parametrize("day", ["1956-02-30", "19.11.1956", "1956", ""])
def test_what_is_no_day_is_told_in_the_user_s_language(quick: Mien, day: str) -> None:
    for arguments in (("born", "x", day), ("height", "x", "170", "--on", day)):
        assert f"“{day}” is no day" in quick(*arguments).err
        refused = quick(*arguments, language="zh")
        assert refused.code == 2
        assert f"“{day}”不是有效的日期" in refused.err


def test_nobody_is_born_in_days_to_come(quick: Mien) -> None:
    person = quick("people", "--json").rows[0]["person_id"]
    refused = quick("born", person, "2999-01-01")
    assert (refused.code, "2999-01-01" in refused.err) == (1, True)
    assert not quick("history", "--json").rows
    assert "PERSON [DATE]" in quick("born", person).err


@pytest.mark.parametrize("said", [("1.70",), ("999",), ("170", "--on", "2999-01-01"), ("50", "--on", "1956-11-18")])
def test_heights_that_cannot_be_are_refused(said: tuple[str, ...], quick: Mien) -> None:
    person = quick("people", "--json").rows[0]["person_id"]
    assert quick("born", person, "1956-11-19").code == 0
    refused = quick("height", person, *said)
    assert (refused.code, said[-1].rstrip("0") in refused.err) == (1, True)
    assert [row["kind"] for row in quick("history", "--json").rows] == ["born"]


def test_contradictions_are_refused_with_the_earlier_decision(quick: Mien) -> None:
    one, other = figures(quick)
    assert quick("different", one, other).code == 0
    refused = quick("same", one, other)
    assert refused.code == 1
    assert "two different people" in refused.err
    assert "mien undo --only" in refused.err
    (split,) = quick("split", one, other, "--json").rows if len(quick("people", "--json").rows) == 1 else ({},)
    assert split.get("kind", "split") == "split"
    assert quick("merge", one, other).code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("same", "one"), 2), (("same", "none", "nobody"), 1), (("confirm", "x"), 2), (("reject", ""), 1),
        (("height", "Ana"), 2), (("height", "Ana", "--unknown"), 2), (("height", "Ana", "170"), 1),
        (("born", "Ana"), 2), (("born", "Ana", "yesterday"), 2), (("born", "Ana", "2001-01-01"), 1),
        (("draw", "nowhere.jpg", "0", "0", "1", "1"), 1), (("undo", "0"), 2), (("redo",), 1),
        (("undo", "--only", "none"), 1), (("history",), 0), (("decisions", "import"), 2),
        (("decisions", "import", "no"), 1),
    ],
)  # fmt: skip
def test_exit_codes(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    done = call(*arguments, library=tmp_path / "new")
    assert done.code == code, done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("place", ["no such folder/decisions.json", "."])
def test_a_file_that_cannot_be_written_or_read_is_told(quick: Mien, tmp_path: Path, place: str) -> None:
    for action in ("export", "import"):
        told = quick("decisions", action, tmp_path / place)
        assert told.code == 1
        assert "Errno" not in told.err
        assert str(tmp_path) in told.err
