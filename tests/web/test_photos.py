"""The page of one photo: its people, their silhouettes and traits in words, and what is known of the file."""

import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mien.catalog import details, listing
from mien.catalog.library import Library
from mien.errors import UnreadablePhoto
from mien.indexing import deciding
from mien.indexing.indexer import index
from mien.language import messages
from mien.parsing.overlay import COLOURS
from mien.parsing.parse import PARTS, Parse
from mien.traits.traits import VALUES
from mien.web.pages.photos import figure_views, fill_of
from mien.web.pages.portrayal import remarks
from mien.web.pages.wording import day_and_time, file_size, legible, sure
from tests.indexing.fake import make_fake, photo_of
from tests.indexing.inline import Inline

HTML = {"Accept": "text/html"}
CHINESE = {"Accept-Language": "zh-CN"}


class Page(HTMLParser):
    """What stands in a page: its elements with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str, css_class: str = "") -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and (not css_class or css_class in attributes.get("class", "").split())
        ]


def open_page(client: TestClient, photo_id: str, query: str = "", **headers: str) -> Page:
    answer = client.get(f"/photos/{photo_id}{query}", headers={**HTML, **headers})
    assert answer.status_code == 200
    return Page(answer.text)


@pytest.fixture
def ids(library: Library) -> dict[str, str]:
    """File name → photo id."""
    return {Path(row.photo).stem: row.photo_id for row in listing.photos(library.catalog) if row.photo_id is not None}


def test_an_unknown_photo_is_told_so(client: TestClient) -> None:
    for photo_id in ("0" * 64, "%00", "x"):
        answer = client.get(f"/photos/{photo_id}", headers=HTML)
        assert answer.status_code == 404
        assert "<h1>" in answer.text


def test_a_photo_of_which_no_file_is_left_is_gone(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET state = 'missing' WHERE CAST(path AS TEXT) LIKE '%again.png'")
    assert "beach again.png" not in open_page(client, ids["beach"]).words
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET state = 'missing' WHERE photo_id = ?", (ids["beach"],))
    assert client.get(f"/photos/{ids['beach']}", headers=HTML).status_code == 404


def test_everybody_has_a_silhouette_a_portrait_and_a_panel(client: TestClient, ids: dict[str, str]) -> None:
    page = open_page(client, ids["party"])
    figures = [figure["data-figure"] for figure in page.all("a", "figure")]
    assert len(figures) == len(set(figures)) == 3
    assert [figure["data-figure"] for figure in page.all("a", "strip-figure")] == figures
    assert [panel["id"] for panel in page.all("section", "panel")] == [f"panel-{figure}" for figure in figures]
    edges = page.all("path", "edge")
    assert [edge["id"] for edge in edges] == [f"shape-{figure}" for figure in figures]
    assert all(re.fullmatch(r"M[0-9MZlz -]+z", edge["d"]) for edge in edges)
    starts = [int(edge["d"].split()[0][1:]) for edge in edges]
    assert starts == [10, 60, 110]  # px of the parse, from left to right
    assert page.all("svg", "drawing")[0]["viewbox"] == "0 0 160 120"


def test_figures_say_who_they_are_and_how_many_there_are(
    client: TestClient, library: Library, ids: dict[str, str]
) -> None:
    figures = listing.figures(library.catalog, photo_id=ids["party"])
    person = next(figure.person_id for figure in figures if figure.box[0] < 20)
    assert person is not None
    deciding.name(library, person, "Anna <Ä>")
    page = open_page(client, ids["party"])
    labels = [figure["aria-label"] for figure in page.all("a", "figure")]
    assert labels == ["Anna <Ä>, person 1 of 3", "Somebody, person 2 of 3", "Somebody, person 3 of 3"]
    assert "You said so." in page.words or "Recognised by Mien" in page.words
    chinese = open_page(client, ids["party"], **CHINESE)
    assert [figure["aria-label"] for figure in chinese.all("a", "figure")][1] == "某人，第 2 人，共 3 人"


def test_who_somebody_is_can_be_said_here(client: TestClient, library: Library, ids: dict[str, str], csrf: str) -> None:
    figures = {figure.figure_id: figure.person_id for figure in listing.figures(library.catalog, photo_id=ids["party"])}
    page = open_page(client, ids["party"])
    forms = page.all("form", "naming-here")
    assert {form["action"] for form in forms} == {f"/people/{person}/name" for person in figures.values()}
    said = client.post(forms[0]["action"], data={"name": "Anna", "csrf": csrf}, headers=HTML)
    assert said.status_code == 303
    after = open_page(client, ids["party"])
    assert after.all("a", "figure")[0]["aria-label"] == "Anna, person 1 of 3"
    assert "Anna" in [option["value"] for option in after.all("option")]


def test_whom_nothing_tells_can_be_named_by_who_knows_them(client: TestClient, library: Library, csrf: str) -> None:
    with library.catalog.write() as connection:
        connection.execute("DELETE FROM membership WHERE figure_id = (SELECT min(figure_id) FROM figures)")
        figure, photo_id = connection.execute(
            "SELECT figure_id, photo_id FROM figures ORDER BY figure_id LIMIT 1"
        ).fetchone()
    page = open_page(client, photo_id)
    assert "Too little is seen" in page.words
    assert f"/people/{figure}/name" in {form["action"] for form in page.all("form", "naming-here")}
    said = client.post(f"/people/{figure}/name", data={"name": "Zoe", "csrf": csrf}, headers=HTML)
    assert said.status_code == 303
    after = open_page(client, photo_id)
    assert "Too little is seen" not in after.words
    assert any(link["aria-label"].startswith("Zoe") for link in after.all("a", "figure"))


def test_a_figure_can_be_chosen_without_scripts(client: TestClient, ids: dict[str, str]) -> None:
    page = open_page(client, ids["party"])
    assert all("hidden" in panel for panel in page.all("section", "panel"))
    address = page.all("a", "strip-figure")[1]["href"]
    chosen = Page(client.get(address, headers=HTML).text)
    assert ["hidden" in panel for panel in chosen.all("section", "panel")] == [True, False, True]
    assert [link["href"] for link in chosen.all("use", "lit")] == [
        chosen.all("path", "edge")[1]["id"].join(["#", ""])
    ] * 2
    assert all("hidden" in panel for panel in open_page(client, ids["party"], "?figure=nobody").all("section", "panel"))


def test_of_one_alone_all_is_told_at_once(client: TestClient, ids: dict[str, str]) -> None:
    page = open_page(client, ids["school"])
    assert ["hidden" in panel for panel in page.all("section", "panel")] == [False]


def test_a_photo_without_people_says_so(client: TestClient, ids: dict[str, str]) -> None:
    assert "No people were found" in open_page(client, ids["sunset"]).words
    assert "没有找到人物" in open_page(client, ids["sunset"], **CHINESE).words


def test_arrows_lead_through_the_timeline(client: TestClient, ids: dict[str, str]) -> None:
    page = open_page(client, ids["dance"])
    links = {link["id"]: link["href"] for link in page.all("a") if link.get("id") in ("newer", "older", "back")}
    assert links == {
        "newer": f"/photos/{ids['cake']}",
        "older": f"/photos/{ids['party']}",
        "back": f"/?month=2024-05#photo-{ids['dance']}",
    }
    newest = {link.get("id") for link in open_page(client, ids["cake"]).all("a")}
    assert "newer" not in newest
    assert "older" in newest


def test_the_facts_of_all_its_files_are_told(client: TestClient, ids: dict[str, str], photos: Path) -> None:
    page = open_page(client, ids["beach"])
    for fact in ("2 March 2024, 12:00, from the camera", "160 × 120 px", "beach.png", "beach again.png", str(photos)):
        assert fact in page.words, fact
    assert "2024年3月2日 12:00" in open_page(client, ids["beach"], **CHINESE).words
    undated = open_page(client, ids["scan"])
    assert next(link["href"] for link in undated.all("a", "stage-back")).startswith("/?month=undated#")
    assert "Time unknown" in undated.words
    assert "scan.png" in undated.words


def test_what_went_wrong_and_what_is_away_is_told(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    error = UnreadablePhoto("photo-damaged", file="a <b> file", reason="torn")
    with library.catalog.write() as connection:
        connection.execute(
            "UPDATE files SET error = ?, state = 'offline' WHERE photo_id = ?",
            (json.dumps(error.to_record()), ids["party"]),
        )
    page = open_page(client, ids["party"])
    assert error.message() in page.words
    assert "drive not connected" in page.words
    assert not page.all("b")


def test_without_its_parse_a_photo_shows_places(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    for name in library.blobs.names("parses"):
        library.blobs.drop("parses", name)
    page = open_page(client, ids["party"])
    assert len(page.all("rect", "box")) == 3
    assert not page.all("path", "edge")
    assert "looked at anew" in page.words


def test_a_parse_other_than_the_active_one_is_not_drawn(
    client: TestClient, library: Library, ids: dict[str, str]
) -> None:
    with library.catalog.write() as connection:
        connection.execute("UPDATE observations SET fingerprint = 'of a run that was killed'")
    assert len(open_page(client, ids["party"]).all("rect", "box")) == 3


@pytest.fixture
def twice(library: Library, photos: Path) -> None:
    """Two engines have seen the photos; the album goes by the one that sees nobody who is Bob."""
    index(library, [photos], engine="fake-blind", jobs=1, executor=Inline(), make_chain=make_fake)


def engines(page: Page) -> dict[str, bool]:
    """Where the links to each engine's view lead → whether it is the one that is shown."""
    links = [link for link in page.all("a", "button") if link["href"].startswith("/photos/")]
    return {link["href"]: "aria-current" in link for link in links}


@pytest.mark.usefixtures("twice")
def test_what_another_engine_sees_is_a_link_away(client: TestClient, ids: dict[str, str]) -> None:
    address = f"/photos/{ids['party']}"
    page = open_page(client, ids["party"])
    assert engines(page) == {f"{address}?engine=fake": False, address: True}
    assert len(page.all("path", "edge")) == 2
    other = open_page(client, ids["party"], "?engine=fake")
    assert engines(other) == {f"{address}?engine=fake": True, address: False}
    assert len(other.all("path", "edge")) == 3
    assert len(other.all("g", "figure")) == 3
    assert "only to compare" in other.words
    assert "仅供比较" in open_page(client, ids["party"], "?engine=fake", **CHINESE).words


@pytest.mark.usefixtures("twice")
def test_nothing_can_be_said_of_what_another_engine_sees(client: TestClient, ids: dict[str, str]) -> None:
    other = open_page(client, ids["party"], "?engine=fake")
    assert not other.all("form", "naming-here")
    assert not other.all("a", "figure")


@pytest.mark.usefixtures("twice")
@pytest.mark.parametrize("asked", ["", "fake-blind", "magic", "<b>"])
def test_any_other_engine_is_the_album_s_own(client: TestClient, ids: dict[str, str], asked: str) -> None:
    page = open_page(client, ids["party"], f"?engine={asked}")
    assert len(page.all("path", "edge")) == 2
    assert page.all("form", "naming-here")


@pytest.mark.usefixtures("twice")
def test_another_engine_s_parse_may_be_gone(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    with library.catalog.read() as connection:
        photo = details.photo(connection, ids["party"])
    assert photo is not None
    library.blobs.drop("parses", photo.others["fake"])
    assert len(open_page(client, ids["party"], "?engine=fake").all("path", "edge")) == 2


def test_where_one_engine_looked_there_is_no_choice(client: TestClient, ids: dict[str, str]) -> None:
    assert engines(open_page(client, ids["party"])) == {}


def test_a_damaged_parse_harms_no_page(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    for name in library.blobs.names("parses"):
        library.blobs.write("parses", name, b"no parse")
    assert len(open_page(client, ids["party"]).all("rect", "box")) == 3


def test_who_was_drawn_by_hand_is_framed(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    with library.catalog.write() as connection:
        connection.execute(
            "UPDATE figures SET ordinal = NULL, traits = '{}' WHERE photo_id = ? AND ordinal = 2", (ids["party"],)
        )
    page = open_page(client, ids["party"])
    assert len(page.all("rect", "box")) == 1
    assert len(page.all("path", "edge")) == 2
    assert "You said that somebody is here" in page.words


HOSTILE = ["<img src=x onerror=alert(1)>.png", '"><script>alert(1)<\\script>.png', "{{ 7 * 7 }} & {n}.png", "‮gnp.exe"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such names")
def test_names_of_files_are_only_words(client: TestClient, library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    for number, name in enumerate([*HOSTILE, "line\nbreak.png", os.fsdecode(b"caf\xe9.png")]):
        path = photo_of(folder / "plain.png", {"anna": 10 + number})
        path.rename(folder / name)
    index(library, [folder], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    rows = [row for row in listing.photos(library.catalog) if Path(row.photo).parent == folder]
    assert len(rows) == 6
    for row in rows:
        assert row.photo_id is not None
        page = open_page(client, row.photo_id)
        assert legible(Path(row.photo).name) in page.words
        assert not [element for element in page.elements if element[0] == "script" and "src" not in element[1]]
        assert not [element for element in page.elements if any(name.startswith("on") for name in element[1])]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_have_no_style_or_script_within(client: TestClient, ids: dict[str, str], language: str) -> None:
    for photo_id in ids.values():
        page = open_page(client, photo_id, **{"Accept-Language": language})
        assert not page.all("style")
        assert not [attributes for _, attributes in page.elements if "style" in attributes]
        assert [attributes["lang"] for attributes in page.all("html")] == ["zh-Hans" if language == "zh" else "en"]
        hashes = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(hashes) == len(set(hashes))


def test_every_part_has_the_colour_of_our_other_pictures() -> None:
    assert fill_of("left-shoe") == "#ffffff"
    assert {fill_of(part) for part in PARTS} == {"#" + bytes(colour).hex() for colour in COLOURS.values()}


def test_traits_are_told_in_words_with_how_sure_they_are() -> None:
    assert remarks({}) == ()
    said = remarks(
        {
            "upper": {
                "garment": "coat", "confidence": 0.82,
                "colours": [{"name": "navy", "lab": [20.0, 5.0, -25.0], "share": 0.754}],
            },
            "lower": {"garment": "unknown", "confidence": 0.3, "colours": []},
            "hat": {"value": "no", "confidence": 0.97}, "hair": {"value": "unknown", "confidence": 0.2},
            "height_ratio": 0.5, "aspect_ratio": 0.3,
        }
    )  # fmt: skip
    assert [(r.about, r.said, r.sure, r.is_known) for r in said] == [
        ("upper body", "coat or jacket", "very likely (82\xa0%)", True),
        ("lower body", "clothes", "", True),
        ("Hat", "no hat", "almost certain (97\xa0%)", True),
        ("Hair", "unknown", "", False),
    ]
    (swatch,) = said[0].swatches
    assert (swatch.name, swatch.percent) == ("navy", 75)


def test_every_guess_has_a_heading() -> None:
    assert {f"web.photo.about.{name}" for name in VALUES} <= messages().keys()


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0, "a mere guess (0\xa0%)"),
        (0.35, "perhaps (35\xa0%)"),
        (0.6, "likely (60\xa0%)"),
        (1, "almost certain (99\xa0%)"),
    ],
)
def test_a_guess_is_never_quite_certain(confidence: float, words: str) -> None:
    assert sure(confidence) == words


def test_times_and_sizes_in_words() -> None:
    assert day_and_time("2024-05-18") == "18 May 2024"
    assert day_and_time("2024-05-18T09:05:03+02:00") == "18 May 2024, 09:05"
    assert [file_size(size) for size in (1, 1499, 2_130_000, 31_400_000)] == [
        "1\xa0kB",
        "1\xa0kB",
        "2.1\xa0MB",
        "31\xa0MB",
    ]


def test_a_stale_parse_draws_no_one_else(library: Library, ids: dict[str, str]) -> None:
    """Figures that the stored parse does not have are shown by their boxes."""
    with library.catalog.read() as connection:
        photo = details.photo(connection, ids["party"])
    assert photo is not None
    assert [view.outline for view in figure_views(photo, Parse.empty(160, 120))] == ["", "", ""]
