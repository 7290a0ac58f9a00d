"""Asking: suggestions while one writes, chips of what was understood, results that are led through with keys."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mien.catalog.library import Library
from mien.indexing import deciding
from mien.language import Language
from tests.browser import promises
from tests.browser.conftest import PHONE, WIDE, Visit
from tests.browser.serving import serving

NAME = "Anna"

QUESTIONS: dict[Language, str] = {"en": "Anna in May 2024", "zh": "2024年5月的Anna"}

TWO = "Anna next to somebody"

WORDS = """
field => field.value.slice(field.selectionStart, field.selectionEnd)
"""
"""What is selected in the box."""


@pytest.fixture(scope="module")
def asked(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a copy of the library is served, in which the person who is in most photos is Anna."""
    folder = shutil.copytree(indexed, tmp_path_factory.mktemp("asked") / "library")
    with Library.open(folder) as library:
        with library.catalog.read() as connection:
            (person,) = connection.execute(
                "SELECT person_id FROM membership GROUP BY person_id ORDER BY count(*) DESC LIMIT 1"
            ).fetchone()
        deciding.name(library, person, NAME)
    with serving(folder) as (_, address):
        yield address


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_a_question_to_a_photo_and_back(
    size: tuple[int, int], language: Language, visit: Visit, asked: str
) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked, size, language, is_touch=size == PHONE)
    page, say = visitor.page, visitor.say
    visitor.go("/people")
    box = page.get_by_role("combobox", name=say("web.search.placeholder"))
    if visitor.is_touch:
        assert box.bounding_box()["width"] < 60  # a button beside the others
        box.tap()
    else:
        page.keyboard.press("/")
    expect(box).to_be_focused()
    if visitor.is_touch:
        assert box.bounding_box()["width"] > 0.9 * size[0]
    assert promises.sideways(page) == []
    page.keyboard.type(QUESTIONS[language])
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    expect(box).to_have_value(QUESTIONS[language])
    chips = page.get_by_role("list", name=say("web.search.understood")).get_by_role("listitem")
    expect(chips).to_have_count(2)
    assert promises.sideways(page) == []

    result = page.locator("[data-results=photo] a").last
    opened = result.get_attribute("href")
    result.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    visitor.press(result)
    page.wait_for_url(f"**{opened}")
    expect(page.locator(".panel:visible")).to_contain_text(NAME)
    page.go_back()
    expect(page.locator(f"a[href='{opened}']")).to_be_focused()
    page.wait_for_function("place => Math.abs(scrollY - place) < 3", arg=place)

    when = chips.filter(has_text="2024")
    visitor.press(when.get_by_role("link").last)
    expect(chips).to_have_count(1)
    expect(chips).to_contain_text(NAME)


def test_suggestions_are_taken_with_keys(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked)
    page = visitor.page
    visitor.go("/")
    page.keyboard.press("/")
    box, suggestions = page.locator("#question"), page.locator("#suggestions")
    options, chosen = suggestions.get_by_role("option"), suggestions.locator("[aria-selected=true]")
    page.keyboard.type("ann")
    expect(options.first).to_have_text(NAME)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_text(NAME)
    expect(box).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    page.keyboard.press("Enter")
    expect(box).to_have_value("Anna ")
    expect(suggestions).to_be_hidden()
    assert page.url == f"{visitor.address}/"  # Enter took it, and did not ask yet

    page.keyboard.type("with a sc")
    expect(options.first).to_contain_text("sc")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    last = str(options.last.text_content())
    page.keyboard.press("Tab")
    expect(box).to_have_value(f"Anna with a {last} ")
    expect(box).to_be_focused()

    page.keyboard.type("re")
    expect(suggestions).to_be_visible()
    page.keyboard.press("Escape")
    expect(suggestions).to_be_hidden()
    expect(box).to_have_value(f"Anna with a {last} re")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).not_to_be_focused()

    box.fill("🎉 red h with Anna")  # the cursor stays behind the word that was gone on with
    box.evaluate("field => field.setSelectionRange(8, 8)")
    page.keyboard.type("a")
    expect(options.first).to_have_text("hat")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(box).to_have_value("🎉 red hat with Anna")
    page.keyboard.type("s")
    expect(box).to_have_value("🎉 red hats with Anna")


def test_what_was_chosen_is_forgotten_when_one_writes_on(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked)
    page = visitor.page
    visitor.go("/")
    page.locator("#question").press_sequentially("an")
    expect(page.locator("#suggestions")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.route("**/search/complete?*", lambda _: None)  # never answered
    page.keyboard.type("y hat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=any+hat")


def test_a_suggestion_is_taken_with_a_finger(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked, PHONE, "zh", is_touch=True)
    page = visitor.page
    visitor.go("/")
    box, suggestions = page.locator("#question"), page.locator("#suggestions")
    box.tap()
    page.keyboard.type("weij")  # pinyin
    option = suggestions.get_by_role("option", name="围巾", exact=True)
    expect(option).to_be_visible()
    assert promises.sideways(page) == []
    option.tap()
    expect(box).to_have_value("围巾")
    expect(box).to_be_focused()


def test_keys_of_a_composition_are_the_input_methods(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked, language="zh")
    page = visitor.page
    visitor.go("/")
    box, suggestions = page.locator("#question"), page.locator("#suggestions")
    box.press_sequentially("ann")
    expect(suggestions).to_be_visible()
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "weijin", "selectionStart": 6, "selectionEnd": 6})
    expect(box).to_have_value("annweijin")
    expect(suggestions).to_be_hidden()  # the input method shows its own there
    for key in ("ArrowDown", "Enter", "Escape"):
        is_ours = box.evaluate(
            """(field, key) => !field.dispatchEvent(
              new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true }))""",
            key,
        )
        assert not is_ours, key
    expect(box).to_be_focused()
    method.send("Input.insertText", {"text": "围"})
    expect(box).to_have_value("ann围")
    expect(suggestions.get_by_role("option").first).to_contain_text("围")


def test_arrows_lead_from_result_to_result(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked)
    page = visitor.page
    visitor.go("/search?q=somebody")
    results = page.locator("[data-results=photo] a")
    assert results.count() == 5
    for key, at in (("ArrowDown", 0), ("ArrowRight", 1), ("ArrowDown", 4), ("ArrowUp", 0), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        expect(results.nth(at)).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results.first).to_be_focused()
    opened = results.first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{opened}")
    figure = re.sub(r".*figure=", "", str(opened))
    expect(page.locator(f"#panel-{figure}")).to_be_visible()


def test_a_chip_leads_to_its_words(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked, PHONE, is_touch=True)
    page = visitor.page
    visitor.go("/search?q=🙂 Anna wearing a hat and boots, May 2024")
    box = page.locator("#question")
    for words in ("Anna", "May 2024"):
        page.locator(".chip-words", has_text=words[-4:]).tap()
        expect(box).to_be_focused()
        assert words in box.evaluate(WORDS)
    page.keyboard.type("2023")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("2023$"))


def test_more_like_somebody_in_a_photo(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked)
    page, say = visitor.page, visitor.say
    visitor.go(f"/search?q={TWO}")
    page.locator("[data-results=photo] a").first.click()
    page.wait_for_url("**/photos/*")
    page.locator(".panel:visible").get_by_role("link", name=say("web.search.like.open")).click()
    page.wait_for_url("**/search?like=*")
    expect(page.get_by_role("heading", level=1)).to_have_text(say("web.search.like.outfit"))
    page.get_by_role("navigation", name=say("web.search.like.kinds")).get_by_role(
        "link", name=say("web.search.kind.colour")
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("web.search.like.colour"))


def test_asking_works_without_scripts(visit: Visit, asked: str) -> None:
    from playwright.sync_api import expect

    visitor = visit(asked, PHONE, is_touch=True, scripts=False)
    page, say = visitor.page, visitor.say
    visitor.go("/")
    box: Any = page.locator("#question")
    box.tap()
    page.keyboard.type(f"{TWO}, May 2024")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    chip = page.locator(".chip", has_text="2024")
    chip.locator(".chip-words").tap()
    expect(box).to_be_focused()
    chip.locator(".chip-remove").tap()
    expect(page.locator(".chip", has_text="2024")).to_have_count(0)
    expect(box).to_have_value(TWO)
    page.locator("[data-results=photo] a").first.tap()
    expect(page.locator(".panel:visible")).to_contain_text(say("web.photo.looks"))
