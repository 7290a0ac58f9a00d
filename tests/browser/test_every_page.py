"""What every page promises: words for everything, in one language, to be read by everybody, and nothing sideways."""

import json
import urllib.request

import pytest

from mien.language import Language
from tests.browser import promises
from tests.browser.conftest import PHONE, WIDE, Visit

SMALLEST = (320, 640)
KINDS = (
    "timeline",
    "month",
    "photo",
    "figure",
    "second engine",
    "empty photo",
    "people",
    "person",
    "growth",
    "wardrobe",
    "family wardrobe",
    "search",
    "answer",
    "no answer",
    "alike",
    "review",
    "history",
    "problems",
    "folders",
    "services",
    "nowhere",
)


@pytest.fixture(scope="package")
def paths(address: str) -> dict[str, str]:
    """A page of each kind."""

    def rows(kind: str) -> list[dict[str, str]]:
        with urllib.request.urlopen(f"{address}api/{kind}") as answer:
            found: list[dict[str, str]] = json.load(answer)[kind]
        return found

    figure, person = rows("figures")[0], rows("people")[0]
    photo = f"/photos/{figure['photo_id']}"
    return {
        "timeline": "/",
        "month": "/?month=2024-05",
        "photo": photo,
        "figure": f"{photo}?figure={figure['figure_id']}",
        "second engine": f"{photo}?engine=m2fp",
        "empty photo": next(f"/photos/{row['photo_id']}" for row in rows("photos") if not row["figures"]),
        "people": "/people",
        "person": f"/people/{person['person_id']}",
        "growth": f"/people/{person['person_id']}/growth",
        "wardrobe": f"/people/{person['person_id']}/wardrobe?whole=true",
        "family wardrobe": "/wardrobe",
        "search": "/search",
        "answer": "/search?q=somebody+2024+%D7%97",
        "no answer": "/search?q=two+people+in+1999",
        "alike": f"/search?like={figure['figure_id']}",
        "review": "/review",
        "history": "/history",
        "problems": "/problems",
        "folders": "/folders",
        "services": "/docs",
        "nowhere": "/photos/nowhere",
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_keeps_its_promises(
    kind: str, language: Language, visit: Visit, address: str, paths: dict[str, str]
) -> None:
    visitor = visit(address, WIDE, language, expected=frozenset({404} if kind == "nowhere" else ()))
    for theme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=theme)
        visitor.go(paths[kind])
        assert promises.faint(visitor.page) == []
    assert promises.unnamed(visitor.page) == []
    assert visitor.page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language]
    foreign = promises.english if language == "zh" else promises.chinese
    assert foreign(visitor.page) == []
    for size in (WIDE, PHONE, SMALLEST):
        visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
        assert promises.sideways(visitor.page) == []
    assert promises.tiny(visitor.page) == []
