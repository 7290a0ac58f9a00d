"""How a child of the drawn album grew: on the command line, on the page, and in what is written."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.cli import Commands
from mien.errors import UnknownName
from mien.growth.measuring import Point
from mien.indexing import deciding
from mien.indexing.growing import growth
from mien.language import speaking
from tests.growth.album import BORN, CHILD, height_of_child
from tests.web.conftest import ADDRESS, served

HTML = {"Accept": "text/html"}


def mien(library: Library, *arguments: str | Path, language: str = "en") -> str:
    with speaking("zh" if language == "zh" else "en"):
        done = CliRunner().invoke(Commands("mien"), [*map(str, arguments), "--library", str(library.folder)])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_child_is_as_tall_as_it_is(library: Library) -> None:
    grown = growth(library, "Cem")
    beside = [point for point in grown.points if point.method == "beside"]
    assert len(beside) == 18
    for point in beside:
        assert point.height == pytest.approx(height_of_child(point.day), rel=0.02)
        assert point.bounds[0] < height_of_child(point.day) < point.bounds[1]
    assert Counter(one.reason for one in grown.left_out) == {"seated": 1, "cut-off": 1}
    assert [point.day for point in grown.points if point.method == "proportions"] == [date(2021, 7, 1)]
    assert grown.curve is not None
    for day in (date(2018, 1, 1), date(2021, 1, 1), date(2025, 1, 1)):
        low, middle, high = grown.curve.at(day) or (0, 0, 0)
        assert low < height_of_child(day) < high
        assert middle == pytest.approx(height_of_child(day), rel=0.02)


def test_photos_are_looked_at_once_and_some_at_a_time(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first = growth(library, "Cem", at_most=5)
    assert first.waiting == 16
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
    for _ in range(12):
        seen = growth(library, "Cem", at_most=2)
        if not seen.waiting:
            break
    assert not seen.waiting
    assert len(seen.points) >= 15


def test_what_is_said_changes_the_curve_and_is_taken_back(library: Library) -> None:
    before = growth(library, "Cem")
    deciding.height(library, "Cem", date(2021, 4, 10), 121.5, follow=False)
    after = growth(library, "Cem")
    assert after.measured == ((date(2021, 4, 10), 121.5),)
    assert before.curve is not None
    assert after.curve is not None
    widths = [
        high - low for low, _, high in (c.at(date(2021, 4, 10)) or (0, 0, 0) for c in (before.curve, after.curve))
    ]
    assert widths[1] < widths[0] / 2
    deciding.undo(library, follow=False)
    assert growth(library, "Cem") == before
    deciding.redo(library, follow=False)
    assert growth(library, "Cem") == after
    # A mother who is taller makes every child beside her taller.
    deciding.height(library, "Anna", date(2025, 1, 1), 176, follow=False)
    taller = growth(library, "Cem")
    assert _early(taller.points) == _early(after.points)  # the nearest day's height holds
    deciding.height(library, "Anna", date(2015, 1, 1), 176, follow=False)
    assert _mean(growth(library, "Cem").points) > 1.015 * _mean(after.points)


def _early(points: tuple[Point, ...]) -> list[float]:
    return [point.height for point in points if point.day < date(2019, 1, 1)]


def _mean(points: tuple[Point, ...]) -> float:
    return sum(point.height for point in points) / len(points)


def test_grown_ups_and_strangers(library: Library) -> None:
    assert growth(library, "Anna").curve is None
    deciding.born(library, "Anna", date(1985, 2, 3), follow=False)
    anna = growth(library, "Anna")
    assert {one.reason for one in anna.left_out} == {"grown"}
    assert not anna.points


def test_nobody_is_measured_before_their_birth(library: Library) -> None:
    deciding.height(library, "Cem", date(2021, 4, 10), 121.5, follow=False)
    with pytest.raises(UnknownName) as late:
        deciding.born(library, "Cem", date(2021, 4, 11), follow=False)
    assert late.value.code == "height-before-birth"
    deciding.born(library, "Cem", date(2021, 4, 10), follow=False)
    with pytest.raises(UnknownName):
        deciding.height(library, "Cem", date(2021, 4, 9), 50, follow=False)


def test_the_command_line(library: Library, tmp_path: Path) -> None:
    table, picture = tmp_path / "growth.csv", tmp_path / "growth.svg"
    deciding.height(library, "Cem", date(2021, 4, 10), 121.5, follow=False)
    rows = [json.loads(line) for line in mien(library, "growth", "Cem", "--json").splitlines()]
    kinds = Counter(row["kind"] for row in rows)
    assert (kinds["point"], kinds["measured"], kinds["left-out"], kinds["curve"] > 50) == (19, 1, 2, True)
    assert {"day", "age", "height", "error", "low", "high", "method", "references", "figure_id"} <= set(rows[0])
    words = mien(library, "growth", "Cem", "--csv", table, "--svg", picture)
    assert re.search(r"2019-04-20 +4\.0 years +\d+ ± \d cm +beside Anna", words)
    assert "1 × seated or crouching" in words
    assert "与Anna同站" in mien(library, "growth", "Cem", language="zh")
    with table.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert Counter(row["kind"] for row in written) == kinds - Counter({"left-out": 2})
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    refused = CliRunner().invoke(
        Commands("mien"), ["growth", "Cem", "--csv", str(table), "--library", str(library.folder)]
    )
    assert refused.exit_code == 2
    assert str(table) in refused.output.replace("\n", "")
    for nowhere in (tmp_path / "no" / "growth.csv", tmp_path / "no" / "growth.svg"):
        option = f"--{nowhere.suffix[1:]}"
        failed = CliRunner().invoke(
            Commands("mien"), ["growth", "Cem", option, str(nowhere), "--library", str(library.folder)]
        )
        assert failed.exit_code == 1
        assert "Cannot write" in failed.output
    for options in (("--sex", "girls"), ("--sex", "none"), ("--source", "cdc")):
        mien(library, "growth", "Cem", *options, "--svg", tmp_path / f"{options[1]}.svg")
    assert "growth-boys" not in (tmp_path / "girls.svg").read_text(encoding="utf-8")
    assert "growth-reference" not in (tmp_path / "none.svg").read_text(encoding="utf-8")


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    from mien.web.app import create_app

    with served(library) as album:
        headers = {"Origin": ADDRESS, "X-CSRF-Token": album.csrf, "Accept-Language": "en"}
        yield TestClient(create_app(album), base_url=ADDRESS, headers=headers, follow_redirects=False)


def test_the_page(client: TestClient, ids: dict[str, str]) -> None:
    address = f"/people/{ids[CHILD]}/growth"
    assert address in client.get(f"/people/{ids[CHILD]}").text
    page = client.get(address, headers=HTML).text
    assert page.count("<svg xmlns") == 2
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=\"/static/)", page)
    assert page.count('class="growth-point growth-beside"') == 2 * 18
    for figure in set(re.findall(r'<a href="#(figure-[^"]+)">', page)):
        assert f'<li id="{figure}">' in page
    assert "seated or crouching" in page
    assert "女孩" in client.get(address, headers={**HTML, "Accept-Language": "zh"}).text
    one = client.get(f"{address}?sex=boys&source=cdc", headers=HTML).text
    assert "growth-boys" in one
    assert "growth-girls" not in one
    assert client.get(f"{address}?sex=other", headers=HTML).status_code == 422


def test_heights_and_birthdays_are_said_on_the_page_and_taken_back(
    client: TestClient, library: Library, ids: dict[str, str]
) -> None:
    address = f"/people/{ids[CHILD]}/growth"

    def say(kind: str, **form: str) -> str:
        answer = client.post(f"/decisions/{kind}", data={"person": ids[CHILD], "back": address, **form}, headers=HTML)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(f"{address}?decision=")
        return answer.headers["location"]

    page = client.get(say("height", day="2021-04-10", cm="121,5")).text
    assert "Cem was 121.5 cm tall on 2021-04-10" in page
    assert growth(library, "Cem").measured == ((date(2021, 4, 10), 121.5),)
    decision = re.search(r'name="decision" value="([^"]+)"', page)
    assert decision is not None
    back = client.post("/undo", data={"decision": decision[1], "back": address}, headers=HTML)
    assert (back.status_code, back.headers["location"]) == (303, address)
    assert growth(library, "Cem").measured == ()
    say("height", day="2021-04-10", cm="121.5")
    say("height", day="2021-04-10", cm="")
    assert growth(library, "Cem").measured == ()
    say("born", day="")
    assert growth(library, "Cem").curve is None
    assert "Without a day of birth" in client.get(address, headers=HTML).text
    say("born", day=BORN.isoformat())
    for form in ({"day": "2021-04-10", "cm": "tall"}, {"day": "", "cm": "120"}):
        wrong = client.post("/decisions/height", data={"person": ids[CHILD], **form}, headers=HTML)
        assert wrong.status_code == 422
