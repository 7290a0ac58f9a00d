"""The walk that the album is for: from the timeline to a person who gets a name, and loses it again."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mien.language import Language
from tests.browser.conftest import PHONE, WIDE, Visit
from tests.browser.serving import serving
from tests.browser.visitor import Visitor

NAME = "Anna 安娜"

each_size = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
each_language = pytest.mark.parametrize("language", ["en", "zh"])


@pytest.fixture(scope="module")
def walked(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a copy of the library is served to walkers; each leaves it as it was."""
    with serving(shutil.copytree(indexed, tmp_path_factory.mktemp("walked") / "library")) as (_, address):
        yield address


@each_size
@each_language
def test_from_the_timeline_to_a_named_and_unnamed_person(
    size: tuple[int, int], language: Language, visit: Visit, walked: str
) -> None:
    from playwright.sync_api import expect

    visitor = visit(walked, size, language, is_touch=size == PHONE)
    page, say = visitor.page, visitor.say

    visitor.go("/")
    visitor.press(page.locator(".tile:has(.tile-people) a").first)
    page.wait_for_url(re.compile("/photos/[0-9a-f]+$"))
    _look_at_somebody(visitor)

    visitor.press(page.get_by_role("navigation").get_by_role("link", name=say("web.frame.people")))
    page.wait_for_url("**/people")
    groups, named = (page.locator(f"[data-part={part}] .person-card") for part in ("groups", "named"))
    unnamed = groups.count()
    visitor.press(groups.first.get_by_text(say("web.people.who")))
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")
    toast = page.locator(".toast", has_text=NAME)
    undo = toast.get_by_role("button", name=say("web.people.undo"))
    undo.focus()  # it stays as long as somebody is at it
    link = page.locator(".person-card").get_by_role("link", name=NAME, exact=True)
    expect(link).to_be_visible()

    beside = visitor.tab(link.get_attribute("href"))
    expect(beside.get_by_role("heading", level=1)).to_have_text(NAME)
    visitor.press(beside.locator(".tile a").first)
    beside.wait_for_url(re.compile("/photos/"))
    expect(beside.locator(".panel:visible")).to_contain_text(NAME)
    person = beside.locator(".panel:visible").get_by_role("link", name=say("web.photo.all-photos"))
    address = person.get_attribute("href")

    visitor.press(undo)
    expect(page.locator(".toast", has_text=say("web.people.taken-back", name=NAME))).to_be_visible()
    expect(named).to_have_count(0)
    expect(groups).to_have_count(unnamed)
    beside.goto(visitor.address + address)
    expect(beside.get_by_role("heading", level=1)).to_have_text(say("web.people.somebody"))


def test_somebody_is_named_on_a_photo(visit: Visit, walked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(walked)
    page, say = visitor.page, visitor.say
    visitor.go("/")
    page.locator(".tile:has(.tile-people) a").first.click()
    page.wait_for_url(re.compile("/photos/"))
    known = str(page.locator(".panel:has(form)").first.get_attribute("id")).removeprefix("panel-")
    page.locator(f".drawing [data-figure='{known}']").click()
    panel = page.locator(".panel:visible")
    expect(panel.get_by_role("heading", level=3)).to_have_text(say("web.photo.somebody"))
    panel.get_by_role("combobox").fill(NAME)
    panel.get_by_role("button", name=say("web.people.save")).click()
    expect(panel.get_by_role("heading", level=3)).to_have_text(NAME)
    page.locator(".toast").get_by_role("button", name=say("web.people.undo")).click()
    expect(panel.get_by_role("heading", level=3)).to_have_text(say("web.photo.somebody"))


def _look_at_somebody(visitor: Visitor) -> None:
    """On a photo's page: a figure lights up, is told of, and shows its parts."""
    from playwright.sync_api import expect

    page = visitor.page
    figure, veil, rim = (page.locator(f".drawing {name}").first for name in (".figure", ".veil", ".rim"))
    expect(rim).to_have_css("opacity", "0")
    if not visitor.is_touch:
        figure.hover()
        expect(rim).to_have_css("opacity", "1")
        expect(veil).to_have_css("opacity", "0.5")
        expect(rim).to_have_attribute("href", f"#shape-{figure.get_attribute('data-figure')}")
        page.mouse.move(5, 5)
        expect(rim).to_have_css("opacity", "0")
    visitor.press(figure)
    expect(rim).to_have_css("opacity", "1")

    panel = page.locator(".panel:visible")
    expect(panel).to_contain_text(visitor.say("web.photo.looks"))
    assert panel.locator("dt").count() >= 3

    parts = page.locator(".parts path")
    expect(parts.first).not_to_be_visible()
    page.get_by_label(visitor.say("web.photo.parts")).check()
    expect(parts.first).to_be_visible()
    colours = {str(part.evaluate("part => getComputedStyle(part).fill")) for part in parts.all()}
    assert len(colours) >= 3
    legend = page.get_by_role("list", name=visitor.say("web.photo.legend"))
    expect(legend).to_contain_text(visitor.say("part.face"))
