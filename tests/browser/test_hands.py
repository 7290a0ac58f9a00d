"""Other ways to use the album: with keys alone, in the dark, without scripts, in the other language."""

import re
from typing import Any

from tests.browser.conftest import WIDE, Visit

MANY = 60
"""Presses of the Tab key after which nobody would go on."""


def test_a_person_is_named_and_the_name_taken_back_with_keys_alone(visit: Visit, own_address: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(own_address)
    page, say = visitor.page, visitor.say
    visitor.go("/")
    _tab_to(page, page.get_by_role("link", name=say("web.frame.people")))
    page.keyboard.press("Enter")
    page.wait_for_url("**/people")
    who = page.locator("[data-part=groups]").get_by_text(say("web.people.who")).first
    _tab_to(page, who)
    page.keyboard.press("Enter")
    page.keyboard.type("Anna")
    page.keyboard.press("Escape")
    expect(who).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    expect(page.locator(".person-card").get_by_role("link", name="Anna", exact=True)).to_be_focused()
    _tab_to(page, page.get_by_role("button", name=say("web.people.undo")))
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=groups]").get_by_text(say("web.people.who")).first).to_be_visible()
    expect(page.locator(".person-card").get_by_role("link", name="Anna", exact=True)).to_have_count(0)


def test_a_search_shows_what_was_asked_for_last(visit: Visit, own_address: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(own_address)
    page, say = visitor.page, visitor.say
    visitor.go("/people")
    page.locator("[data-part=groups]").get_by_text(say("web.people.who")).first.click()
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").first).to_be_visible()
    visitor.go("/people")
    search = page.get_by_role("searchbox")
    page.route("**/people?name=A", lambda _: None)  # never answered
    with page.expect_request("**/people?name=A"):
        search.fill("A")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("name=A")):
        search.fill("x")
    expect(page.get_by_text(say("web.people.no-match"))).to_be_visible()


def test_figures_are_chosen_and_photos_leafed_through_with_keys_alone(visit: Visit, address: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(address)
    page = visitor.page
    visitor.go("/")
    first, second = (page.locator(".tile a").nth(i).get_attribute("href") for i in (0, 1))
    _tab_to(page, page.locator(".tile a").first)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")
    _tab_to(page, page.locator(".drawing .figure").first)
    expect(page.locator(".drawing .rim")).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.locator(".panel:visible")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**{second}")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{visitor.address}/")


def test_dark_is_the_systems_or_the_visitors_choice_and_stays(visit: Visit, address: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(address, WIDE, theme="dark")
    page = visitor.page
    switch = page.get_by_role("button", name=visitor.say("web.frame.theme"))
    light, dark = re.compile(r"rgb\(2\d\d, 2\d\d, 2\d\d\)"), re.compile(r"rgb\(\d?\d, \d?\d, \d?\d\)")
    visitor.go("/")
    expect(page.locator("body")).to_have_css("background-color", dark)
    switch.click()
    expect(page.locator("body")).to_have_css("background-color", light)
    visitor.go("/people")
    expect(page.locator("body")).to_have_css("background-color", light)
    switch.click()
    expect(page.locator("body")).to_have_css("background-color", dark)


def test_another_language_is_chosen_and_stays(visit: Visit, address: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(address, WIDE, "en")
    page = visitor.page
    visitor.go("/people")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert page.url == f"{visitor.address}/people"
    visitor.go("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_walk_works_without_scripts(visit: Visit, own_address: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(own_address, scripts=False)
    page, say = visitor.page, visitor.say
    visitor.go("/")
    page.locator(".tile:has(.tile-people) a").first.click()
    page.locator(".drawing .figure").first.click()
    page.wait_for_url(re.compile(r"\?figure="))
    panel = page.locator(".panel:visible")
    expect(panel).to_contain_text(say("web.photo.looks"))
    page.get_by_label(say("web.photo.parts")).check()
    expect(page.locator(".parts path").first).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name=say("web.frame.people")).click()
    page.locator("[data-part=groups]").get_by_text(say("web.people.who")).first.click()
    page.get_by_label(say("web.people.who")).fill("Anna")
    page.get_by_role("button", name=say("web.people.save")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna")
    page.get_by_role("button", name=say("web.people.undo")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("web.people.somebody"))


def _tab_to(page: Any, place: Any) -> None:
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if place.count() and place.first.evaluate("place => place === document.activeElement"):
            return
    raise AssertionError(f"not reached with {MANY} presses of Tab: {place}")
