"""Questions of a library: made once, quick afterwards, and answered as everything else is decided."""

from pathlib import Path

import numpy as np
import pytest

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import UnknownName
from mien.indexing import deciding, reviewing
from mien.language import speaking
from tests.indexing import fake
from tests.indexing.conftest import START, Index

COLOURS = ("anna", "bob", "cem", "dana", "eve")


def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anna, Bob and Cem resemble each other: too little to be one, too much to be surely two."""
    original = fake._face

    def face(*arguments: object) -> object:
        found = original(*arguments)  # type: ignore[arg-type]
        who = int(np.argmax(found.vector))
        vector = np.zeros(128, np.float32)
        vector[who if who > 2 else 10] = 1
        if who in (1, 2):
            vector[10 + who] = 0.51
        object.__setattr__(found, "vector", vector)
        return found

    monkeypatch.setattr(fake, "_face", face)


@pytest.fixture
def asking(library: Library, run: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library of five people, each alone in three photos; three of them look a little alike."""
    alike(monkeypatch)
    for n in range(15):
        who = COLOURS[n % 5]
        fake.photo_of(tmp_path / "album" / f"{n:02}.png", {who: 40}, taken=START.replace(day=1 + n), shade=n * 9)
    run(tmp_path / "album")
    assert sorted(row.figures for row in listing.people(library.catalog)) == [3] * 5
    return library


def people(library: Library) -> int:
    return len(listing.people(library.catalog))


def test_an_empty_library_has_no_questions(library: Library) -> None:
    assert reviewing.questions(library) == ()
    with pytest.raises(UnknownName):
        reviewing.answer(library, "0123456789ab", "same")


def test_what_may_be_one_person_is_asked(asking: Library) -> None:
    found = reviewing.questions(asking)
    assert [q.question.kind for q in found] == ["same", "same"]
    asked = found[0]
    assert asked.figure.person_id != asked.other.person_id
    assert Path(asked.figure.path).name in {f"{n:02}.png" for n in range(15)}
    assert asked.figure.taken_at is not None
    assert "faces" in asked.why
    assert reviewing.question(asking, asked.question_id[:6]) == asked
    with speaking("zh"):
        assert "面部" in reviewing.questions(asking)[0].why
    assert reviewing.questions(asking, 1) == found[:1]


def test_questions_are_made_once(asking: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reviewing.questions(asking)
    monkeypatch.setattr(reviewing, "ask", lambda *_: pytest.fail("asked anew"))
    assert reviewing.questions(asking) == found


@pytest.mark.parametrize("follow", [True, False])
def test_same(asking: Library, follow: bool) -> None:
    asked = reviewing.questions(asking)[0]
    done = reviewing.answer(asking, asked.question_id, "same", follow=follow)
    assert done.entry.kind == "same"
    deciding.up_to_date(asking)
    assert people(asking) == 4
    assert asked.question_id not in [q.question_id for q in reviewing.questions(asking)]


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("said", ["different", "unsure"])
def test_different_and_unsure_are_never_asked_again(asking: Library, said: reviewing.Said, follow: bool) -> None:
    asked = reviewing.questions(asking)[0]
    groups = {asked.figure.person_id, asked.other.person_id}
    assert reviewing.answer(asking, asked.question_id, said, follow=follow).entry.kind == said
    for _ in range(2):
        assert people(asking) == 5
        left = reviewing.questions(asking)
        assert all({q.figure.person_id, q.other.person_id} != groups for q in left)
        deciding.up_to_date(asking)
    with pytest.raises(UnknownName):
        reviewing.answer(asking, asked.question_id, "same")
    deciding.undo(asking)
    assert asked.question_id in [q.question_id for q in reviewing.questions(asking)]


def test_a_named_person_s_look_alikes_are_asked_about_by_name(asking: Library) -> None:
    first = reviewing.questions(asking)[0]
    assert first.other.person_id is not None
    deciding.name(asking, first.other.person_id, "Anna")
    found = reviewing.questions(asking)
    assert {q.question.kind for q in found} == {"person"}
    asked = found[0]
    assert (asked.other.name, asked.figure.name) == ("Anna", None)
    reviewing.answer(asking, asked.question_id, "same")
    assert {row.name: row.figures for row in listing.people(asking.catalog)}["Anna"] == 6


def test_all_answered_is_all_asked(asking: Library) -> None:
    """Whatever is answered, the questions come to an end."""
    said: list[reviewing.Said] = ["same", "different", "unsure"]
    for n in range(20):
        found = reviewing.questions(asking)
        if not found:
            break
        reviewing.answer(asking, found[0].question_id, said[n % 3])
    assert reviewing.questions(asking) == ()


def test_what_was_joined_meanwhile_is_not_asked(asking: Library) -> None:
    asked = reviewing.questions(asking)[0]
    deciding.same(asking, asked.figure.figure_id, asked.other.figure_id, follow=False)
    assert asked.question_id not in [q.question_id for q in reviewing.questions(asking)]


def test_a_doubt_is_settled_by_yes_or_no(asking: Library) -> None:
    """A figure of Anna's that grouping is not sure of."""
    anna = listing.people(asking.catalog)[0].person_id
    deciding.name(asking, anna, "Anna")
    with asking.catalog.write() as connection:
        connection.execute("UPDATE membership SET source = 'inferred', confidence = 0.5 WHERE source = 'decided'")
        (figure,) = connection.execute(
            "SELECT min(figure_id) FROM membership JOIN people USING (person_id) WHERE name = 'Anna'"
        ).fetchone()
        connection.execute("UPDATE membership SET source = 'decided' WHERE figure_id != ?", (figure,))
        connection.execute("DELETE FROM questions")
        connection.execute("DELETE FROM meta WHERE key = 'asked'")
    doubts = [q for q in reviewing.questions(asking) if q.question.kind == "doubt"]
    assert [q.figure.figure_id for q in doubts] == [figure]
    assert reviewing.answer(asking, doubts[0].question_id, "same").entry.kind == "confirm"
