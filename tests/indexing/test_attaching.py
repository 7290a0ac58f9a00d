"""Who is in a photo that was just added is shown at once; grouping everybody stays due, and has the last word."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mien.catalog import listing
from mien.catalog import people as shown
from mien.catalog.library import Library
from mien.indexing import attaching, deciding, dispatch, indexer
from mien.indexing.attaching import Attaching
from mien.indexing.inbox import Inbox
from mien.indexing.indexer import index
from mien.indexing.regroup import follows_decisions, is_current, regroup
from tests.indexing import fake
from tests.indexing.conftest import START, Index
from tests.indexing.inline import Inline


def memberships(library: Library) -> dict[str, tuple[Any, ...]]:
    with library.catalog.read() as connection:
        return {row[0]: row[1:4] for row in connection.execute("SELECT * FROM membership ORDER BY figure_id")}


def photos(library: Library) -> set[str]:
    with library.catalog.read() as connection:
        return {row[0] for row in connection.execute("SELECT photo_id FROM photos")}


@pytest.fixture
def library(library: Library, run: Index, album: Path) -> Library:
    """Anna in four photos, Bob in three, Cem in one; all grouped."""
    run(album)
    return library


@pytest.fixture
def ungrouped(library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One more photo with Anna and Dana, stored but not grouped: its key."""
    before = photos(library)
    people = {"anna": 20, "dana": 100}
    fake.photo_of(album / "new.png", people, taken=START + timedelta(hours=9), shade=99)
    with monkeypatch.context() as patched:
        patched.setattr(indexer, "regroup", lambda *_, **__: None)
        patched.setattr(indexer, "is_current", lambda _: True)
        patched.setattr(attaching, "MOST_PHOTOS", 0)
        run(album)
    return sorted(photos(library) - before)


def test_people_of_a_new_photo_are_shown_and_grouping_stays_due(library: Library, ungrouped: list[str]) -> None:
    before = memberships(library)
    cards = {card.person_id: card.figures for card in shown.everybody(library.catalog)}
    assert Attaching(library).attach(ungrouped) >= 1
    after = memberships(library)
    assert {figure: after[figure] for figure in before} == before
    anna = max(cards, key=lambda person: cards[person])
    assert [person for figure, (person, *_) in after.items() if figure not in before].count(anna) == 1
    assert {c.person_id: c.figures for c in shown.everybody(library.catalog)}[anna] == cards[anna] + 1
    assert not is_current(library)
    assert follows_decisions(library)
    regroup(library)
    assert is_current(library)
    assert {figure: m[0] for figure, m in memberships(library).items()} == {f: m[0] for f, m in after.items()}


def test_nothing_is_attached_twice(library: Library, ungrouped: list[str]) -> None:
    attach = Attaching(library)
    attach.attach(ungrouped)
    after = memberships(library)
    assert attach.attach(ungrouped) == 0
    assert memberships(library) == after


@pytest.mark.parametrize("photos", [[], ["unknown"], [str(i) for i in range(attaching.MOST_PHOTOS + 1)]])
def test_no_photo_an_unknown_one_and_too_many_change_nothing(library: Library, photos: list[str]) -> None:
    before = memberships(library)
    assert Attaching(library).attach(photos) == 0
    assert memberships(library) == before
    assert is_current(library)


def test_a_name_said_meanwhile_is_a_new_photo_s_name(library: Library, ungrouped: list[str]) -> None:
    attach = Attaching(library)
    attach.attach(ungrouped)
    anna = max(listing.people(library.catalog), key=lambda row: row.figures)
    deciding.name(library, anna.person_id, "Anna", follow=False)
    assert not follows_decisions(library)
    with library.catalog.write() as connection:
        connection.execute(
            "DELETE FROM membership WHERE figure_id IN (SELECT figure_id FROM figures WHERE photo_id = ?)", ungrouped
        )
    attach.attach(ungrouped)
    assert max(listing.people(library.catalog), key=lambda row: row.figures).name == "Anna"
    assert not follows_decisions(library), "what was attached since does not hide that the decision is to be followed"
    deciding.up_to_date(library)
    assert follows_decisions(library)


def test_who_brings_a_photo_to_a_large_library_is_told_who_is_on_it(
    library: Library, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "QUICKLY_GROUPED", 0)
    monkeypatch.setattr("mien.indexing.inbox.LINGER", 0.0)
    new = fake.photo_of(album.parent / "brought.png", {"anna": 20}, taken=START + timedelta(hours=9), shade=99)
    before, box, seen = memberships(library), Inbox(), []
    brought = box.bring(str(new))

    def group(library: Library, **_: Any) -> None:
        seen.append((brought.done(), memberships(library).keys() - before.keys()))
        regroup(library)

    monkeypatch.setattr(indexer, "regroup", group)
    index(library, [album], engine="fake", jobs=1, executor=Inline(), make_chain=fake.make_fake, inbox=box)
    assert [(done, len(figures)) for done, figures in seen] == [(True, 1)]
    assert is_current(library)
