"""`mien search`: what it answers, and how it says what it did not understand."""

import pytest

from tests.cli.conftest import Indexed, call, run


@pytest.mark.parametrize("question", ["a person in 2024", "2024年的人"])
def test_it_lists_photos_best_first(indexed: Indexed, question: str) -> None:
    done = run("search", question, "--json", library=indexed.library)
    assert done.code == 0
    assert len(done.rows) == 2
    for row in done.rows:
        assert set(row) == {"photo", "photo_id", "figure_ids", "score", "why", "near", "missed"}
        assert row["photo"].startswith(str(indexed.album))
        assert len(row["figure_ids"]) == 1
        assert row["score"] >= 0.5
        assert any("2024" in why for why in row["why"])
    assert [row["score"] for row in done.rows] == sorted((row["score"] for row in done.rows), reverse=True)


def test_a_name_finds_who_has_it(indexed: Indexed) -> None:
    (person, *_) = call("people", "--json", library=indexed.library).rows
    call("name", person["person_id"], "Eileen", library=indexed.library)
    found = call("search", "eileen", "--json", library=indexed.library).rows
    assert {figure for row in found for figure in row["figure_ids"]}
    assert "known as Eileen" in [why for row in found for why in row["why"]]
    call("hide", person["person_id"], library=indexed.library)
    assert call("search", "eileen", "--json", library=indexed.library).rows == []


def test_no_photo_answers(indexed: Indexed) -> None:
    done = call("search", "three people with hats", library=indexed.library)
    assert (done.code, done.out) == (0, "")
    assert "No photo answers that." in done.err


def test_what_is_not_understood_is_said(indexed: Indexed) -> None:
    done = call("search", "a person with a flurbish, 2024", library=indexed.library)
    assert done.code == 0
    assert "Not understood: " in done.err
    assert "flurbish" in done.err
    explained = call("search", "2024年戴帽子的人", "--explain", library=indexed.library, language="zh")
    assert "已理解：" in explained.err
    assert "帽子" in explained.err


def test_what_is_printed_can_be_read(indexed: Indexed) -> None:
    done = call("search", "somebody in clothes " + "xyzzy " * 2000, library=indexed.library)
    assert "\xa0%" in done.out
    assert "\\x" not in done.out
    assert len(done.err) < 1000


def test_nothing_understood_is_a_failure(indexed: Indexed) -> None:
    done = call("search", "flurbish", "--json", library=indexed.library)
    assert (done.code, done.out) == (1, "")
    assert "flurbish" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["somebody", "--like", "x-1"],
        ["somebody", "--limit", "0"],
        ["--like", "x", "--what", "face"],
        ["somebody", "--what", "colour"],
    ],
)
def test_wrong_use(indexed: Indexed, arguments: list[str]) -> None:
    assert call("search", *arguments, library=indexed.library).code == 2


def test_figures_that_are_dressed_alike(indexed: Indexed) -> None:
    one, other = sorted({row["figure_id"] for row in call("figures", "--json", library=indexed.library).rows})
    found = call("search", "--like", one, "--what", "garment", "--json", library=indexed.library)
    assert [row["figure_ids"] for row in found.rows] == [[other]]
    missing = call("search", "--like", "nobody-1", library=indexed.library)
    assert missing.code == 1
    assert "nobody-1" in missing.err
