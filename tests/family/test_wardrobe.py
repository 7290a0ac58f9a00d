"""The family's wardrobes: known again over the years, told on the command line and on pages, corrected, taken back."""

import html
import io
import json
import re
from collections import defaultdict
from datetime import date, datetime

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.errors import DecisionConflict, UnknownName
from mien.indexing import deciding, dressing
from mien.indexing.exchanging import export_decisions, import_decisions
from mien.indexing.indexer import index
from mien.indexing.regroup import follows_decisions
from mien.wardrobe.recognising import Garment, Wardrobe
from mien.wardrobe.statistics import statistics
from mien.wardrobe.suggesting import Advice, suggest
from mien.wardrobe.wording import garment_words
from tests.family import album, eyes
from tests.family.album import BEIGE, BLACK, BLUE, BROWN, GREEN, NAMES, NAVY, PINK, RED, WHITE, YELLOW, Dress
from tests.family.conftest import Mien
from tests.indexing.inline import Inline

WORDS = {
    RED: "red top", WHITE: "white top", PINK: "pink top", BLUE: "blue top", GREEN: "green top",
    NAVY: "navy jeans", BLACK: "black trousers", BEIGE: "beige trousers", BROWN: "brown trousers",
}  # fmt: skip
COAT, DRESS = "green coat or jacket", "gold dress"


def words_of(dress: Dress) -> set[str]:
    if dress.lower is None:
        assert dress.top == YELLOW
        return {DRESS}
    coat, hat = {COAT} if dress.coat == GREEN else set(), {"navy hat"} if dress.hat == NAVY else set()
    return {WORDS[dress.top], WORDS[dress.lower]} | coat | hat


def composed(who: str) -> dict[datetime, set[str]]:
    """What somebody is drawn in: by the first photo of each moment."""
    found: dict[datetime, set[str]] = {}
    for shot in sorted(album.shots(), key=lambda shot: shot.at):
        for column in shot.columns:
            if column.who == who and not any(0 <= (shot.at - at).total_seconds() <= 3600 for at in found):
                found[shot.at] = words_of(column.dress)
    return found


def wardrobe(library: Library, who: str = "Anna") -> Wardrobe:
    return dressing.dressed(library, who).wardrobe


def worn(library: Library, who: str = "Anna") -> dict[str, Garment]:
    return {garment_words(garment): garment for garment in wardrobe(library, who).garments}


def worded(advice: Advice) -> list[set[str]]:
    return [{garment_words(garment) for garment in one.garments} for one in advice.suggestions]


def left_out(advice: Advice) -> dict[str, set[str]]:
    return {why: {garment_words(garment) for garment in garments} for why, garments in advice.left_out.items()}


@pytest.mark.parametrize("who", NAMES)
def test_everybody_wears_what_they_are_drawn_in(library: Library, who: str) -> None:
    """One garment for each that was drawn, on its days of all years; an outfit for each moment, with its photos."""
    days = defaultdict(list)
    for at, garments in composed(who).items():
        for garment in garments:
            days[garment].append(at.date())
    found = wardrobe(library, NAMES[who])
    assert {garment_words(garment): list(garment.days) for garment in found.garments} == days
    assert len(found.garments) == len(days), "no garment is told twice"
    called = {garment.garment_id: garment_words(garment) for garment in found.garments}
    outfits = {outfit.first: {called[garment] for garment in outfit.garments} for outfit in found.outfits}
    assert outfits == composed(who)
    shown = sum(len(outfit.photos) for outfit in found.outfits)
    assert shown == sum(column.who == who for shot in album.shots() for column in shot.columns)


def test_a_top_is_known_again_under_a_coat(library: Library) -> None:
    for words in ("white top", "red top"):
        assert {glimpse.place for glimpse in worn(library)[words].glimpses} == {"inner", "upper"}
    assert [one.name for one in dressing.family(library)] == ["Anna", "Cem", "Bob", "Dana"], "strangers are not family"


def test_statistics(library: Library) -> None:
    known = statistics([wardrobe(library)])
    assert [garment_words(garment) for garment in known.unseen] == [DRESS]
    assert known.most_worn[0].kind == "jeans"
    assert {garment_words(known.pairs[0].one), garment_words(known.pairs[0].other)} == {"white top", "navy jeans"}
    assert (known.pairs[0].times, str(known.pairs[0].last)) == (9, "2024-08-09")
    assert [bool(shades) for shades in known.seasons] == [True, True, True, True]
    for shades in known.seasons:
        assert sum(shade.share for shade in shades) == pytest.approx(1)
    grown_out_of = {garment_words(garment) for garment in statistics([wardrobe(library, "Cem")]).unseen}
    assert grown_out_of == {"blue top", "beige trousers"}
    assert statistics([]).seasons == ((),) * 4


def test_suggestions_are_in_season_rested_and_of_colours_that_go_together(library: Library) -> None:
    mine = wardrobe(library)
    summer = suggest(mine, date(2025, 7, 1))
    assert worded(summer)[0] == {DRESS}, "not seen for longest"
    assert set().union(*worded(summer)) == {DRESS, "white top", "red top", "navy jeans"}
    assert all({"season", "last-worn"} <= {reason.code for reason in one.reasons} for one in summer.suggestions)
    assert left_out(summer) == {"season": {COAT, "pink top", "black trousers"}}
    winter = suggest(mine, date(2025, 1, 20))
    assert worded(winter)[0] == {COAT, "white top", "navy jeans"}, "most outfits of January have one"
    assert left_out(winter) == {"season": {DRESS, "pink top"}}
    soon = suggest(mine, date(2024, 8, 12))
    assert {"white top", "navy jeans"} not in worded(soon), "worn three days ago"
    assert left_out(soon)["lately"] == {"white top"}
    spring = suggest(mine, date(2025, 4, 15))
    assert spring.suggestions == () or {"red top"} <= set().union(*worded(spring))
    assert suggest(mine, date(2025, 7, 1), "company").outfits == 1
    evening = suggest(mine, date(2025, 11, 20), "evening")
    assert evening.outfits == 12
    assert any(reason.code == "occasion-evening" for one in evening.suggestions for reason in one.reasons)


def test_every_garment_is_suggested_or_has_a_reason(library: Library) -> None:
    dressing.retire(library, worn(library)["red top"].garment_id)
    mine = wardrobe(library)
    for month in range(1, 13):
        advice = suggest(mine, date(2025, month, 10))
        out = [garment.garment_id for garments in advice.left_out.values() for garment in garments]
        shown = {garment.garment_id for one in advice.suggestions for garment in one.garments}
        assert len(out) == len(set(out))
        assert set(out) | shown == {garment.garment_id for garment in mine.theirs}
        assert not set(out) & shown
        assert left_out(advice)["retired"] == {"red top"}


def test_corrections_hold_over_engines_and_are_taken_back(library: Library) -> None:
    before = worn(library)
    coat, red, jeans = before[COAT], before["red top"], before["navy jeans"]
    dressing.name(library, coat.garment_id, "grandma's green coat")
    dressing.retire(library, "Grandma's  GREEN coat")
    dressing.not_theirs(library, red.garment_id)
    dressing.same(library, jeans.garment_id, before["black trousers"].garment_id)
    assert follows_decisions(library), "what is said of garments changes nobody"

    def check() -> None:
        now = worn(library)
        assert now["grandma's green coat"].is_retired
        assert "red top" not in {garment_words(garment) for garment in wardrobe(library).theirs}
        assert not {"navy jeans", "black trousers"} <= now.keys()
        words = set().union(*worded(suggest(wardrobe(library), date(2025, 1, 20))))
        assert not words & {"grandma's green coat", "red top"}

    check()
    for engine in ("other", "fake"):
        index(library, [], engine=engine, jobs=1, executor=Inline(), make_chain=eyes.make_chain)
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
    (mine,) = (garment for garment in wardrobe(library).garments if other in garment.glimpses)
    assert jeans.key not in mine.glimpses
    # Of the place that stands for the garment itself.
    dressing.different(library, mine.key.glimpse_id, mine.key.glimpse_id)
    (rest,) = (garment for garment in wardrobe(library).garments if mine.key in garment.glimpses)
    assert any(glimpse not in rest.glimpses for glimpse in mine.glimpses)


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


def test_what_is_called_differently_is_not_one(library: Library) -> None:
    top, trousers = (worn(library)[name].garment_id for name in ("red top", "pink top"))
    dressing.name(library, top, "holiday shirt")
    dressing.name(library, trousers, "jumper")
    with pytest.raises(UnknownName) as caught:
        dressing.same(library, "holiday shirt", "jumper")
    assert (caught.value.code, caught.value.values) == (
        "garments-named-apart", {"one": "holiday shirt", "other": "jumper"},
    )  # fmt: skip
    assert {"holiday shirt", "jumper"} <= set(worn(library))


def test_decisions_go_to_another_library(library: Library, photos, tmp_path) -> None:
    dressing.name(library, worn(library)["red top"].garment_id, "holiday shirt")
    with Library.open(tmp_path / "other") as other:
        index(other, [photos], engine="fake", jobs=1, executor=Inline(), make_chain=eyes.make_chain)
        import_decisions(other, export_decisions(library))
        assert worn(other)["holiday shirt"].days == worn(library)["holiday shirt"].days


def test_the_command_line(library: Library, mien: Mien) -> None:
    rows = [json.loads(line) for line in mien("wardrobe", "Anna", "--json").splitlines()]
    kinds = {kind: [row for row in rows if row["kind"] == kind] for kind in {row["kind"] for row in rows}}
    assert {kind: len(found) for kind, found in kinds.items() if kind != "colour"} == {
        "garment": 7, "outfit": len(composed("anna")), "unseen": 1, "pair": 8,
    }  # fmt: skip
    garments = {row["garment_id"] for row in kinds["garment"]}
    assert {garment for row in kinds["outfit"] for garment in row["garments"]} == garments
    assert all(row["photos"] for row in kinds["outfit"])
    words = mien("wardrobe", "--family")
    assert re.search(r"Anna +navy jeans +15 +2019-01-09 +2024-08-09", words)
    assert "2022-08-14  Anna: gold dress" in words
    assert "13 × Bob: blue top + brown trousers" in words or "13 × Bob: brown trousers + blue top" in words
    assert "白色上衣" in mien("wardrobe", "Anna", language="zh")
    suggested = ("wardrobe", "Anna", "--suggest", "--on", "2025-07-01")
    advice = [json.loads(line) for line in mien(*suggested, "--json").splitlines()]
    assert ["gold dress"] in [row["words"] for row in advice if row["kind"] == "suggestion"]
    assert {(row["words"], row["reason"]) for row in advice if row["kind"] == "left-out"} == {
        (COAT, "season"), ("pink top", "season"), ("black trousers", "season"),
    }  # fmt: skip
    assert "not seen at this time of the year: black trousers, green coat or jacket, pink top" in mien(*suggested)
    assert "这个时节没有见过：" in mien(*suggested, language="zh")
    assert "photos show" in mien("wardrobe", "Anna", "--suggest", "--occasion", "evening")
    said = mien("wardrobe", "--family", "--suggest", "--on", "2025-07-01")
    assert "Dana: Nothing can be suggested" in said
    assert said.count("Only what photos show can be suggested") == 1
    garment = kinds["garment"][0]["garment_id"]
    assert "called" in mien("garment", "name", garment, "Sunday jeans")
    assert "Sunday jeans" in mien("garment", "retire", "Sunday jeans")
    assert "重新穿" in mien("garment", "retire", "Sunday jeans", "--again", language="zh")
    assert "not their own" in mien("garment", "not-theirs", garment)
    assert "after all" in mien("garment", "not-theirs", garment, "--no")
    assert "Sunday jeans" in mien("history")
    for wrong in (["wardrobe"], ["wardrobe", "Anna", "--family"], ["wardrobe", "Anna", "--on", "2026-01-01"]):
        mien(*wrong, code=2)
    assert "“2026-02-30”不是" in mien("wardrobe", "Anna", "--suggest", "--on", "2026-02-30", language="zh", code=2)
    assert "mien wardrobe PERSON" in mien("garment", "retire", "nothing", code=1)


def test_the_pages(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    address = f"/people/{ids['anna']}/wardrobe"
    assert address in client.get(f"/people/{ids['anna']}").text
    page = client.get(f"{address}?whole=true&on=2025-07-01&occasion=weekday").text
    assert page.count("<svg xmlns") == 2
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=\"/static/)", page)
    for linked in set(re.findall(r'<a href="#(\d{4}-\d\d)"', page)):
        assert f'id="{linked}"' in page
    assert "navy jeans" in page
    assert "on weekdays" in page
    assert "gold dress: last seen on 14 August 2022" in page
    assert "not seen at this time of the year" in page
    # The calendar shows each day's garments as they were seen on that day.
    with library.catalog.read() as connection:
        photo_of = dict(connection.execute("SELECT figure_id, photo_id FROM figures").fetchall())
    outfits = page.partition('id="calendar"')[2].split('class="card-worn"')[1:]
    assert len(outfits) == len(composed("anna"))
    for outfit in outfits:
        cut_out = {photo_of[figure] for figure in re.findall(r"/pictures/figures/([^/]+)/\w+\.png", outfit)}
        assert cut_out
        assert cut_out <= set(re.findall(r'href="/photos/([^"]+)"', outfit))
    assert "衣橱" in client.get(address, headers={"Accept-Language": "zh"}).text
    both = client.get("/wardrobe").text
    assert "blue top" in both
    assert "navy jeans" in both
    assert client.get(f"{address}?occasion=wedding").status_code == 422
    assert "What somebody wears" in client.get(f"/people/{ids['eve']}/wardrobe").text
    assert "How somebody grew" in client.get(f"/people/{ids['eve']}/growth").text


@pytest.mark.parametrize(
    "path", ["/people/nobody/wardrobe", "/people/nobody/growth", "/people/{anna}/wardrobe?garment=nothing.upper"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_that_is_not_there_says_what_to_do_on_pages(
    client: TestClient, ids: dict[str, str], path: str, language: str
) -> None:
    missing = client.get(path.format(**ids), headers={"Accept-Language": language})
    assert missing.status_code == 404
    advice = {"en": r"Open this person's wardrobe again|look among all people", "zh": "请重新打开|请在人物页面"}
    assert re.search(advice[language], html.unescape(missing.text))
    assert "`" not in missing.text
    assert "mien " not in missing.text


def test_photos_are_left_out_of_which_it_is_not_sure_who_they_show(
    library: Library, mien: Mien, client: TestClient
) -> None:
    with library.catalog.write() as connection:
        connection.execute("UPDATE membership SET confidence = 0.7 WHERE source != 'decided'")
    assert re.search(r"left out.*: 3[0-9]\.", mien("wardrobe", "Cem")), "all but the one that was said"
    assert "没有照片显示有名字的人" not in mien("wardrobe", "--family", language="zh")
    (person,) = (one for one in dressing.family(library) if one.name == "Cem")
    assert f": {person.unsure}." in client.get(f"/people/{person.person_id}/wardrobe").text
    for person in dressing.family(library):
        deciding.hide(library, person.person_id)
    assert "mien name PERSON NAME" in mien("wardrobe", "--family")
    assert "说明谁是谁" in client.get("/wardrobe", headers={"Accept-Language": "zh"}).text


def test_garments_are_cut_out_along_the_mask(client: TestClient, library: Library) -> None:
    red = worn(library)["red top"]
    glimpse = next(glimpse for glimpse in red.glimpses if glimpse.place == "upper")
    address = f"/pictures/figures/{glimpse.figure_id}/upper.png"
    answer = client.get(address)
    assert answer.headers["content-type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA")).astype(int)
    seen = picture[picture[..., 3] > 250]
    assert len(seen) > 1000
    assert np.abs(np.median(seen[:, :3], axis=0) - np.array(RED)).max() < 20
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
        answer = client.post(f"/decisions/garment-{kind}", data={"back": back, **form})
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(f"{address}?garment=")
        return answer.headers["location"].partition("#")[0]

    page = client.get(say("name", garment=jeans, name="Sunday jeans")).text
    assert "this garment is called “Sunday jeans”" in page
    decision = re.search(r'name="decision" value="([^"]+)"', page)
    assert decision is not None
    undone = client.post("/undo", data={"decision": decision[1], "back": address})
    assert (undone.status_code, undone.headers["location"]) == (303, address)
    assert worn(library).keys() == garments.keys()
    say("retire", garment=jeans, retired="true")
    assert "Worn again" in client.get(say("same", garment=jeans, other=black)).text
    say("not-theirs", garment=jeans, foreign="true")
    assert len(wardrobe(library).theirs) == 5
    say("different", garment=garments["white top"].glimpses[-1].glimpse_id, other=garments["white top"].garment_id)
    answer = client.post("/decisions/garment-name", data={"garment": jeans, "name": "x", "back": "//elsewhere"})
    assert answer.status_code == 422
    assert client.post("/decisions/garment-name", data={"garment": "nothing", "name": "x"}).status_code == 404
