"""How the family's child grew: on the command line, on the page, and in what is written."""

import csv
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.errors import UnknownName
from mien.growth.measuring import Point
from mien.indexing import deciding
from mien.indexing.growing import growth
from tests.family.album import BORN, CHILD, EVENT, FRIEND, NAMES, PARTY, height_of_child, shots
from tests.family.conftest import Mien

WITH_CHILD = [shot for shot in shots() if CHILD in {column.who for column in shot.columns}]
ALONE, SEATED, CUT_OFF = (shot for shot in WITH_CHILD if shot.at.date() == EVENT)
BESIDE = [shot for shot in WITH_CHILD if shot.at.date() != EVENT]
MIDDLE = date(2021, 4, 10)


def test_the_child_is_as_tall_as_it_is_drawn(library: Library) -> None:
    grown = growth(library, "Cem")
    beside = [point for point in grown.points if point.method == "beside"]
    assert Counter(point.day for point in beside) == Counter(shot.at.date() for shot in BESIDE)
    for point in beside:
        assert point.height == pytest.approx(height_of_child(point.day), rel=0.02)
        assert point.bounds[0] < height_of_child(point.day) < point.bounds[1]
    rulers = {frozenset(grown.names[one.person_id] for one in point.references) for point in beside}
    assert rulers == {frozenset({"Anna"}), frozenset({"Anna", "Bob"})}
    assert Counter(one.reason for one in grown.left_out) == {"seated": 1, "cut-off": 1}
    assert [point.day for point in grown.points if point.method == "proportions"] == [ALONE.at.date()]
    assert grown.curve is not None
    for day in (date(2019, 3, 1), MIDDLE, date(2024, 10, 1)):
        low, middle, high = grown.curve.at(day) or (0, 0, 0)
        assert low < height_of_child(day) < high
        assert middle == pytest.approx(height_of_child(day), rel=0.02)


def test_photos_are_looked_at_once_and_some_at_a_time(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first = growth(library, "Cem", at_most=5)
    assert first.waiting == len(WITH_CHILD) - 5
    assert len(first.points) + len(first.left_out) == 5
    whole = growth(library, "Cem")
    assert whole.waiting == 0
    monkeypatch.setattr("mien.indexing.growing.stance", lambda *_: pytest.fail("looked at again"))
    assert growth(library, "Cem") == whole


def test_photos_that_cannot_be_looked_at_now_hold_no_others_up(library: Library) -> None:
    with library.catalog.write() as connection:
        connection.execute(
            "UPDATE observations SET blob = 'gone'"
            " WHERE photo_id IN (SELECT photo_id FROM photos ORDER BY photo_id LIMIT 3)"
        )
    for _ in WITH_CHILD:
        seen = growth(library, "Cem", at_most=9)
        if not seen.waiting:
            break
    assert not seen.waiting
    assert len(seen.points) >= len(BESIDE) - 3


def test_what_is_said_changes_the_curve_and_is_taken_back(library: Library) -> None:
    before = growth(library, "Cem")
    deciding.height(library, "Cem", MIDDLE, 111.5, follow=False)
    after = growth(library, "Cem")
    assert after.measured == ((MIDDLE, 111.5),)
    assert before.curve is not None
    assert after.curve is not None
    widths = [high - low for low, _, high in (c.at(MIDDLE) or (0, 0, 0) for c in (before.curve, after.curve))]
    assert widths[1] < widths[0] / 2
    deciding.undo(library, follow=False)
    assert growth(library, "Cem") == before
    deciding.redo(library, follow=False)
    assert growth(library, "Cem") == after
    # A mother who is taller makes every child beside her taller.
    deciding.height(library, "Anna", date(2026, 1, 1), 176, follow=False)
    assert _early(growth(library, "Cem").points) == _early(after.points)  # the nearest day's height holds
    deciding.height(library, "Anna", date(2018, 1, 1), 176, follow=False)
    assert _mean(growth(library, "Cem").points) > 1.015 * _mean(after.points)


def _early(points: tuple[Point, ...]) -> list[float]:
    return [point.height for point in points if point.day < date(2021, 1, 1)]


def _mean(points: tuple[Point, ...]) -> float:
    return sum(point.height for point in points) / len(points)


def test_grown_ups_and_strangers(library: Library) -> None:
    assert growth(library, "Anna").curve is None
    deciding.born(library, "Anna", date(1985, 2, 3), follow=False)
    anna = growth(library, "Anna")
    assert {one.reason for one in anna.left_out} == {"grown"}
    assert not anna.points


def test_nobody_is_measured_before_their_birth(library: Library) -> None:
    deciding.height(library, "Cem", MIDDLE, 111.5, follow=False)
    with pytest.raises(UnknownName) as late:
        deciding.born(library, "Cem", MIDDLE.replace(day=11), follow=False)
    assert late.value.code == "height-before-birth"
    deciding.born(library, "Cem", MIDDLE, follow=False)
    with pytest.raises(UnknownName):
        deciding.height(library, "Cem", MIDDLE.replace(day=9), 50, follow=False)


def test_the_command_line(library: Library, mien: Mien, tmp_path: Path) -> None:
    table, picture = tmp_path / "growth.csv", tmp_path / "growth.svg"
    assert "Cem was 111.5 cm tall on 2021-04-10" in mien("height", "Cem", 111.5, "--on", MIDDLE)
    rows = [json.loads(line) for line in mien("growth", "Cem", "--json").splitlines()]
    kinds = Counter(row["kind"] for row in rows)
    assert (kinds["point"], kinds["measured"], kinds["left-out"]) == (len(BESIDE) + 1, 1, 2)
    assert kinds["curve"] > 50
    assert {"day", "age", "height", "error", "low", "high", "method", "references", "figure_id"} <= set(rows[0])
    words = mien("growth", "Cem", "--csv", table, "--svg", picture)
    assert re.search(r"2020-08-12 +4\.3 years +\d+ ± \d cm +beside Anna", words)
    assert "1 × seated or crouching" in words
    assert "与Anna、Bob同站" in mien("growth", "Cem", language="zh")
    with table.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert Counter(row["kind"] for row in written) == kinds - Counter({"left-out": 2})
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert str(table) in mien("growth", "Cem", "--csv", table, code=2).replace("\n", "")
    for options in (("--sex", "girls"), ("--sex", "none"), ("--source", "cdc")):
        mien("growth", "Cem", *options, "--svg", tmp_path / f"{options[1]}.svg")
    assert "growth-boys" not in (tmp_path / "girls.svg").read_text(encoding="utf-8")
    assert "growth-reference" not in (tmp_path / "none.svg").read_text(encoding="utf-8")


def test_why_a_grown_up_beside_the_child_was_no_ruler(
    library: Library, mien: Mien, client: TestClient, ids: dict[str, str]
) -> None:
    for name in ("Anna", "Bob"):
        deciding.height(library, name, date(2018, 1, 1), None, follow=False)
    deciding.height(library, "Dana", date(2018, 1, 1), 171, follow=False)  # who wears a hat
    rows = [json.loads(line) for line in mien("growth", "Cem", "--json").splitlines()]
    told = {row["day"]: row["no_rulers"] for row in rows if row["kind"] == "point"}
    party = PARTY.date().isoformat()
    assert [(one["person_id"], one["reason"]) for one in told.pop(party)] == [(ids[FRIEND], "hat")]
    assert not any(told.values())
    assert "no ruler: Dana (a hat hides where the head ends)" in mien("growth", "Cem")
    page = client.get(f"/people/{ids[CHILD]}/growth", headers={"Accept-Language": "zh"}).text
    assert page.count("不能作标尺：Dana（帽子遮住了头顶）") == 1


@pytest.mark.parametrize("wrong", [("--csv",), ("--svg",), ("--csv", "--svg")])
def test_files_that_cannot_be_written_leave_nothing_half_done(mien: Mien, tmp_path: Path, wrong: tuple[str]) -> None:
    names = {"--csv": "growth.csv", "--svg": "growth.svg"}
    places = [(tmp_path / "nowhere" if option in wrong else tmp_path) / name for option, name in names.items()]
    said = mien("growth", "Cem", "--csv", places[0], "--svg", places[1], code=1)
    assert "Cannot write" in said
    assert not [place for place in places if place.exists()]
    assert "two names" in mien("growth", "Cem", "--csv", tmp_path / "one", "--svg", tmp_path / "one", code=2)
    assert not (tmp_path / "one").exists()


def test_the_page(client: TestClient, ids: dict[str, str]) -> None:
    address = f"/people/{ids[CHILD]}/growth"
    assert address in client.get(f"/people/{ids[CHILD]}").text
    page = client.get(address).text
    assert page.count("<svg xmlns") == 2
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=\"/static/)", page)
    assert page.count('class="growth-point growth-beside"') == 2 * len(BESIDE)
    for figure in set(re.findall(r'<a href="#(figure-[^"]+)">', page)):
        assert f'<li id="{figure}">' in page
    assert "seated or crouching" in page
    assert "女孩" in client.get(address, headers={"Accept-Language": "zh"}).text
    one = client.get(f"{address}?sex=boys&source=cdc").text
    assert "growth-boys" in one
    assert "growth-girls" not in one
    assert client.get(f"{address}?sex=other").status_code == 422


def test_heights_and_birthdays_are_said_on_the_page_and_taken_back(
    client: TestClient, library: Library, ids: dict[str, str]
) -> None:
    address = f"/people/{ids[CHILD]}/growth"

    def say(kind: str, **form: str) -> str:
        answer = client.post(f"/decisions/{kind}", data={"person": ids[CHILD], "back": address, **form})
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(f"{address}?decision=")
        return answer.headers["location"]

    page = client.get(say("height", day="2021-04-10", cm="111,5")).text
    assert f"{NAMES[CHILD]} was 111.5 cm tall on 2021-04-10" in page
    assert growth(library, "Cem").measured == ((MIDDLE, 111.5),)
    decision = re.search(r'name="decision" value="([^"]+)"', page)
    assert decision is not None
    back = client.post("/undo", data={"decision": decision[1], "back": address})
    assert (back.status_code, back.headers["location"]) == (303, address)
    assert growth(library, "Cem").measured == ()
    say("height", day="2021-04-10", cm="111.5")
    say("height", day="2021-04-10", cm="")
    assert growth(library, "Cem").measured == ()
    say("born", day="")
    assert growth(library, "Cem").curve is None
    assert "Without a day of birth" in client.get(address).text
    say("born", day=BORN.isoformat())
    for form in ({"day": "2021-04-10", "cm": "tall"}, {"day": "", "cm": "120"}):
        wrong = client.post("/decisions/height", data={"person": ids[CHILD], **form})
        assert wrong.status_code == 422
