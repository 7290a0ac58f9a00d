"""What a user's words for people and figures mean, where ids begin alike."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from mien.errors import UnknownName
from mien.indexing.meaning import find_figure, find_person

PHOTO = "09e56724c2bb88ee"
ANNA = "09e56724-c2bb-4aee-8d11-5b1c2f3a4d5e"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A photo with figures 1, 2, 10 and 22: 2 is Anna, 10 and 22 are groups without a name, 1 is nobody's."""
    made = sqlite3.connect(":memory:")
    made.executescript("""
        CREATE TABLE people (person_id, name);
        CREATE TABLE figures (figure_id);
        CREATE TABLE membership (figure_id, person_id, key_rank);
    """)
    made.executemany("INSERT INTO figures VALUES (?)", [(f"{PHOTO}-{n}",) for n in (1, 2, 10, 22)])
    people = {ANNA: ("Anna", 2), f"{PHOTO}-10": (None, 10), f"{PHOTO}-22": (None, 22)}
    made.executemany("INSERT INTO people VALUES (?, ?)", [(person, name) for person, (name, _) in people.items()])
    shown = [(f"{PHOTO}-{n}", person) for person, (_, n) in people.items()]
    made.executemany("INSERT INTO membership VALUES (?, ?, 0)", shown)
    yield made
    made.close()


def found(find: Callable[[sqlite3.Connection, str], str], connection: sqlite3.Connection, reference: str) -> str:
    """The id, or the code of the error."""
    try:
        return find(connection, reference)
    except UnknownName as error:
        return error.code


@pytest.mark.parametrize(
    ("reference", "person"),
    [
        (f"{PHOTO}-10", f"{PHOTO}-10"),
        (f"{PHOTO}-1", f"{PHOTO}-1"),
        (f"{PHOTO}-2", ANNA),
        ("anna", ANNA),
        (ANNA, ANNA),
        (ANNA[:13], ANNA),
        (f"{PHOTO}-3", "no-such-person"),
        (f"{PHOTO}-", "ambiguous-person"),
        (PHOTO[:8], "ambiguous-person"),
        ("09e", "no-such-person"),
        ("", "no-such-person"),
    ],
)
def test_whom_a_reference_means(connection: sqlite3.Connection, reference: str, person: str) -> None:
    """A whole id of a figure never means another figure whose id begins so."""
    assert found(find_person, connection, reference) == person


@pytest.mark.parametrize(
    ("reference", "figure"),
    [(f"{PHOTO}-1", f"{PHOTO}-1"), (f"{PHOTO}-3", "no-such-figure"), (PHOTO, "ambiguous-figure")],
)
def test_which_figure_a_reference_means(connection: sqlite3.Connection, reference: str, figure: str) -> None:
    assert found(find_figure, connection, reference) == figure
