"""The drawn album's wardrobes: known again, told on the command line and on the page, corrected and taken back."""

import io
import json
import re
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.cli import Commands
from mien.errors import DecisionConflict, UnknownName
from mien.indexing import deciding, dressing
from mien.indexing.exchanging import export_decisions, import_decisions
from mien.indexing.indexer import index
from mien.indexing.regroup import follows_decisions
from mien.language import speaking
from mien.wardrobe.recognising import Garment
from mien.wardrobe.statistics import statistics
from mien.wardrobe.suggesting import suggest
from mien.wardrobe.wording import garment_words
from mien.web.app import create_app
from tests.indexing.inline import Inline
from tests.wardrobe import album as drawn
from tests.web.conftest import ADDRESS, served

HTML = {"Accept": "text/html"}


def mien(library: Library, *arguments: str, language: str = "en") -> str:
    with speaking("zh" if language == "zh" else "en"):
        done = CliRunner().invoke(Commands("mien"), [*arguments, "--library", str(library.folder)])
    assert done.exit_code == 0, done.output
    return done.output


def worn(library: Library, who: str = "Anna") -> dict[str, Garment]:
    return {garment_words(garment): garment for garment in dressing.dressed(library, who).wardrobe.garments}


def test_garments_are_known_again_over_the_years(library: Library) -> None:
    found = worn(library)
    assert {words: len(garment.worn) for words, garment in found.items()} == {
        "navy jeans": 9, "white top": 6, "green coat or jacket": 6, "red top": 6, "black trousers": 6, "pink top": 3,
        "gold dress": 2,
    }  # fmt: skip
    white = found["white top"]
    assert {glimpse.place for glimpse in white.glimpses} == {"inner", "upper"}, "under the coat, and without"
    assert {garment_words(g) for g in dressing.dressed(library, "Bob").wardrobe.garments} == {
        "blue top",
        "brown trousers",
    }
    assert len(dressing.dressed(library, "Anna").wardrobe.outfits) == 17
    assert [one.name for one in dressing.family(library)] == ["Anna", "Bob"]


def test_statistics(library: Library) -> None:
    known = statistics([dressing.dressed(library, "Anna").wardrobe])
    assert [garment_words(garment) for garment in known.unseen] == ["gold dress"]
    assert known.most_worn[0].kind == "jeans"
    assert (known.pairs[0].times, str(known.pairs[0].last)) == (6, "2025-07-08")
    assert [bool(shades) for shades in known.seasons] == [True, False, True, True]
    for shades in known.seasons:
        assert sum(shade.share for shade in shades) == pytest.approx(1 if shades else 0)
    assert statistics([]).seasons == ((),) * 4


def test_suggestions_are_in_season_rested_and_of_colours_that_go_together(library: Library) -> None:
    wardrobe = dressing.dressed(library, "Anna").wardrobe
    summer = suggest(wardrobe, date(2026, 7, 1))
    assert {garment_words(g) for one in summer.suggestions for g in one.garments} == {
        "gold dress", "white top", "red top", "navy jeans",
    }  # fmt: skip
    assert all({"season", "last-worn"} <= {reason.code for reason in one.reasons} for one in summer.suggestions)
    winter = suggest(wardrobe, date(2026, 1, 20))
    assert any("coat" in [garment.kind for garment in one.garments] for one in winter.suggestions)
    assert all(garment_words(g) != "pink top" for one in winter.suggestions for g in one.garments), "November's"
    # Not what was worn together some days ago.
    soon = suggest(wardrobe, date(2025, 7, 12))
    assert {"white top", "navy jeans"} not in [{garment_words(g) for g in one.garments} for one in soon.suggestions]
    assert suggest(wardrobe, date(2026, 4, 15)).suggestions == ()
    assert suggest(wardrobe, date(2026, 7, 1), "company").outfits == 0
    evening = suggest(wardrobe, date(2026, 7, 1), "evening")
    assert evening.outfits == 8
    assert any(reason.code == "occasion-evening" for one in evening.suggestions for reason in one.reasons)


def test_corrections_hold_over_engines_and_are_taken_back(library: Library) -> None:
    before = worn(library)
    coat, red, jeans = before["green coat or jacket"], before["red top"], before["navy jeans"]
    head = follows_decisions(library)
    dressing.name(library, coat.garment_id, "grandma's green coat")
    dressing.retire(library, "Grandma's  GREEN coat")
    dressing.not_theirs(library, red.garment_id)
    dressing.same(library, before["navy jeans"].garment_id, before["black trousers"].garment_id)
    assert head
    assert follows_decisions(library), "what is said of garments changes nobody"

    def check() -> None:
        now = worn(library)
        assert now["grandma's green coat"].is_retired
        assert "red top" not in {garment_words(g) for g in dressing.dressed(library, "Anna").wardrobe.theirs}
        assert not ({"navy jeans", "black trousers"} <= now.keys())
        advice = suggest(dressing.dressed(library, "Anna").wardrobe, date(2026, 1, 20))
        words = {garment_words(g) for one in advice.suggestions for g in one.garments}
        assert not words & {"grandma's green coat", "red top"}

    check()
    for engine in ("other", "fake"):
        index(library, [], engine=engine, jobs=1, executor=Inline(), make_chain=drawn.make_chain)
        check()
    with pytest.raises(DecisionConflict):
        dressing.different(library, jeans.garment_id, before["black trousers"].garment_id)
    for _ in range(4):
        deciding.undo(library)
    assert worn(library) == before
    deciding.redo(library, 4)
    check()


def test_what_is_split_off_stays_apart(library: Library) -> None:
    jeans = worn(library)["navy jeans"]
    other = jeans.glimpses[-1]
    dressing.different(library, other.glimpse_id, jeans.key.glimpse_id)
    garments = dressing.dressed(library, "Anna").wardrobe.garments
    (mine,) = (g for g in garments if other in g.glimpses)
    assert jeans.key not in mine.glimpses
    # Of the place that stands for the garment itself.
    dressing.different(library, mine.key.glimpse_id, mine.key.glimpse_id)
    (rest,) = (g for g in dressing.dressed(library, "Anna").wardrobe.garments if mine.key in g.glimpses)
    assert len(rest.glimpses) < len(mine.glimpses)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (lambda library, a, b: dressing.name(library, "nothing", "x"), "no-such-garment"),
        (lambda library, a, b: dressing.name(library, a.key.figure_id, "x"), "ambiguous-garment"),
        (lambda library, a, b: dressing.same(library, a.garment_id, a.key.glimpse_id), "same-garment"),
        (lambda library, a, b: dressing.same(library, a.garment_id, b.garment_id), "garments-of-two"),
    ],
)
def test_what_cannot_be_said(library: Library, said, code) -> None:
    anna, bob = worn(library)["navy jeans"], worn(library, "Bob")["blue top"]
    with pytest.raises(UnknownName) as caught:
        said(library, anna, bob)
    assert caught.value.code == code
    assert not [entry for entry in library.journal.entries() if entry.kind.startswith("garment")]


def test_decisions_go_to_another_library(library: Library, tmp_path) -> None:
    dressing.name(library, worn(library)["red top"].garment_id, "holiday shirt")
    with Library.open(tmp_path / "other") as other:
        drawn.write(tmp_path / "photos")
        index(other, [tmp_path / "photos"], engine="fake", jobs=1, executor=Inline(), make_chain=drawn.make_chain)
        import_decisions(other, export_decisions(library))
        drawn.names(other)
        assert worn(other)["holiday shirt"].days == worn(library)["holiday shirt"].days


def test_the_command_line(library: Library) -> None:
    rows = [json.loads(line) for line in mien(library, "wardrobe", "Anna", "--json").splitlines()]
    kinds = {kind: [row for row in rows if row["kind"] == kind] for kind in {row["kind"] for row in rows}}
    assert {kind: len(found) for kind, found in kinds.items() if kind != "colour"} == {
        "garment": 7, "outfit": 17, "unseen": 1, "pair": 8,
    }  # fmt: skip
    ids = {row["garment_id"] for row in kinds["garment"]}
    assert {garment for row in kinds["outfit"] for garment in row["garments"]} == ids
    assert all(row["photos"] for row in kinds["outfit"])
    words = mien(library, "wardrobe", "--family")
    assert re.search(r"Anna +navy jeans +9 +2023-01-07 +2025-07-08", words)
    assert "Bob" in words
    assert "白色上衣" in mien(library, "wardrobe", "Anna", language="zh")
    advice = [
        json.loads(line)
        for line in mien(library, "wardrobe", "Anna", "--suggest", "--on", "2026-07-01", "--json").splitlines()
    ]
    assert {tuple(row["words"]) for row in advice} >= {("gold dress",)}
    assert "photos show" in mien(library, "wardrobe", "Anna", "--suggest", "--occasion", "evening")
    garment = kinds["garment"][0]["garment_id"]
    assert "called" in mien(library, "garment", "name", garment, "Sunday jeans")
    assert "Sunday jeans" in mien(library, "garment", "retire", "Sunday jeans")
    assert "重新穿" in mien(library, "garment", "retire", "Sunday jeans", "--again", language="zh")
    assert "not their own" in mien(library, "garment", "not-theirs", garment)
    assert "after all" in mien(library, "garment", "not-theirs", garment, "--no")
    assert "Sunday jeans" in mien(library, "history")
    for wrong in (["wardrobe"], ["wardrobe", "Anna", "--family"], ["wardrobe", "Anna", "--on", "2026-01-01"]):
        done = CliRunner().invoke(Commands("mien"), [*wrong, "--library", str(library.folder)])
        assert done.exit_code == 2
    with speaking("zh"):
        wrong = ["wardrobe", "Anna", "--suggest", "--on", "2026-02-30", "--library", str(library.folder)]
        assert "“2026-02-30”不是" in CliRunner().invoke(Commands("mien"), wrong).output


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    with served(library) as album:
        headers = {"Origin": ADDRESS, "X-CSRF-Token": album.csrf, "Accept-Language": "en"}
        yield TestClient(create_app(album), base_url=ADDRESS, headers=headers, follow_redirects=False)


def test_the_pages(client: TestClient, ids: dict[str, str]) -> None:
    address = f"/people/{ids['anna']}/wardrobe"
    assert address in client.get(f"/people/{ids['anna']}").text
    page = client.get(address, headers=HTML).text
    assert page.count("<svg xmlns") == 2
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=\"/static/)", page)
    for linked in set(re.findall(r'<a href="#(\d{4}-\d\d)"', page)) - {"2023-01"}:
        assert f'id="{linked}"' in client.get(f"{address}?whole=true", headers=HTML).text
    assert "navy jeans" in page
    assert "衣橱" in client.get(address, headers={**HTML, "Accept-Language": "zh"}).text
    both = client.get("/wardrobe", headers=HTML).text
    assert "blue top" in both
    assert "navy jeans" in both
    asked = client.get(f"{address}?on=2026-07-01&occasion=evening", headers=HTML).text
    assert "in the evening" in asked
    assert client.get(f"{address}?occasion=wedding", headers=HTML).status_code == 422
    assert client.get(f"{address}?garment=nothing.upper", headers=HTML).status_code == 404


def test_garments_are_cut_out_along_the_mask(client: TestClient, library: Library) -> None:
    red = worn(library)["red top"]
    glimpse = next(glimpse for glimpse in red.glimpses if glimpse.place == "upper")
    address = f"/pictures/figures/{glimpse.figure_id}/upper.png"
    answer = client.get(address)
    assert answer.headers["content-type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA")).astype(int)
    seen = picture[picture[..., 3] > 250]
    assert len(seen) > 1000
    assert np.abs(np.median(seen[:, :3], axis=0) - np.array(drawn.RED)).max() < 20
    assert not picture[picture[..., 3] == 0].any(), "what stood around leaves no trace"
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert library.blobs.names("garments")
    for nothing in ("dress", "hat", "nothing"):
        assert client.get(f"/pictures/figures/{glimpse.figure_id}/{nothing}.png").status_code == 404


def test_corrections_on_the_page_are_made_and_taken_back(
    client: TestClient, library: Library, ids: dict[str, str]
) -> None:
    garments = worn(library)
    jeans, black = garments["navy jeans"].garment_id, garments["black trousers"].garment_id
    address = f"/people/{ids['anna']}/wardrobe"

    def say(kind: str, **form: str) -> str:
        back = f"{address}?garment={form['garment']}#garment"
        answer = client.post(f"/decisions/garment-{kind}", data={"back": back, **form}, headers=HTML)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(f"{address}?garment=")
        return answer.headers["location"].partition("#")[0]

    page = client.get(say("name", garment=jeans, name="Sunday jeans"), headers=HTML).text
    assert "this garment is called “Sunday jeans”" in page
    decision = re.search(r'name="decision" value="([^"]+)"', page)
    assert decision is not None
    undone = client.post("/undo", data={"decision": decision[1], "back": address}, headers=HTML)
    assert (undone.status_code, undone.headers["location"]) == (303, address)
    assert worn(library).keys() == garments.keys()
    say("retire", garment=jeans, retired="true")
    assert "Worn again" in client.get(say("same", garment=jeans, other=black), headers=HTML).text
    say("not-theirs", garment=jeans, foreign="true")
    assert len(dressing.dressed(library, "Anna").wardrobe.theirs) == 5
    say("different", garment=garments["white top"].glimpses[-1].glimpse_id, other=garments["white top"].garment_id)
    answer = client.post("/decisions/garment-name", data={"garment": jeans, "name": "x", "back": "//elsewhere"})
    assert answer.status_code == 422
    assert client.post("/decisions/garment-name", data={"garment": "nothing", "name": "x"}).status_code == 404
