"""The drawn family's wardrobe, growth and copies in a browser: on a desk in English, on a phone in Chinese."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing import dressing
from mien.indexing.growing import growth
from mien.language import Language
from mien.web.access import Access
from mien.web.app import create_app
from mien.web.hosting import Server, listen
from tests.browser import promises
from tests.browser.conftest import PHONE, WIDE, Visit
from tests.browser.visitor import Visitor
from tests.family import eyes
from tests.family.album import CHILD, HEAD, MOTHER, NAMES, STRANGER, STREET, box, shots
from tests.family.conftest import indexed
from tests.web.conftest import served

LOADED = """
async () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const pictures = [...document.images];
  for (const one of pictures) one.loading = "eager";
  await Promise.all(pictures.map((one) => one.decode().catch(() => {})));
  return pictures.filter((one) => !one.naturalWidth).map((one) => one.src);
}
"""
"""Everything unfolded; the pictures that are not shown."""


@pytest.fixture(scope="module")
def home(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The album's folder, and the ids of its people."""
    folder = tmp_path_factory.mktemp("family")
    return folder, indexed(folder)


@pytest.fixture(scope="module")
def library(home: tuple[Path, dict[str, str]]) -> Iterator[Library]:
    with Library.open(home[0] / "library") as opened:
        yield opened


@pytest.fixture(scope="module")
def where(library: Library) -> Iterator[str]:
    """The address at which it is served, by networks that see drawn people."""
    with served(library, make_chain=eyes.make_chain) as album, listen("127.0.0.1", 0) as listener:
        host, port = listener.getsockname()
        server = Server(create_app(album, Access.at(host, host, port)), lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://{host}:{port}"
        server.should_exit = True
        thread.join()


@pytest.fixture(params=[("en", WIDE, "light"), ("zh", PHONE, "dark")], ids=["desk", "phone"])
def visitor(request: pytest.FixtureRequest, visit: Visit, where: str) -> Visitor:
    language, size, theme = request.param
    return visit(where, size, language, theme=theme)


@pytest.fixture
def ids(home: tuple[Path, dict[str, str]]) -> dict[str, str]:
    return home[1]


def check(visitor: Visitor) -> None:
    """All pictures are shown, and the page keeps its promises with everything unfolded."""
    page = visitor.page
    assert page.evaluate(LOADED) == []
    for offenders in (promises.sideways, promises.unnamed, promises.tiny, promises.faint):
        assert offenders(page) == [], offenders.__name__
    foreign: dict[Language, Any] = {"en": promises.chinese, "zh": promises.english}
    assert foreign[visitor.language](page) == []


def undo(visitor: Visitor) -> None:
    visitor.page.locator(".said").get_by_role("button", name=visitor.say("web.people.undo")).click()
    visitor.page.locator(".said").wait_for(state="detached")


def test_the_wardrobe(visitor: Visitor, library: Library, ids: dict[str, str]) -> None:
    page, say = visitor.page, visitor.say
    visitor.go(f"/people/{ids[MOTHER]}")
    page.locator("details.person-more").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    page.locator(f"a[href='/people/{ids[MOTHER]}/wardrobe']").first.click()
    page.fill("input[name=on]", "2025-07-01")
    page.get_by_role("button", name=say("web.wardrobe.show")).click()
    page.wait_for_url("**on=2025-07-01**")
    assert page.locator(".suggestions-worn > li").count() == 3
    assert page.get_by_text(say("wardrobe.left-out.season")).count() == 1
    assert page.locator(".garments .garment").count() == 7
    page.locator(".garments .garment a").first.click()
    page.wait_for_url("**garment=**")
    check(visitor)
    page.get_by_label(say("web.wardrobe.name")).fill("Jeans 2019")
    page.get_by_role("button", name=say("web.people.save")).click()
    page.get_by_role("heading", name="Jeans 2019").wait_for()
    assert "Jeans 2019" in {garment.name for garment in dressing.dressed(library, "Anna").wardrobe.garments}
    undo(visitor)
    assert not any(garment.name for garment in dressing.dressed(library, "Anna").wardrobe.garments)
    visitor.go("/wardrobe")
    assert set(page.locator(".wardrobe-ways a").all_inner_texts()) == set(NAMES.values())
    check(visitor)


def test_growth(visitor: Visitor, library: Library, ids: dict[str, str]) -> None:
    page, say = visitor.page, visitor.say
    visitor.go(f"/people/{ids[CHILD]}/growth")
    assert page.locator("svg:visible .growth-point").count() == len(growth(library, "Cem").points)
    assert page.get_by_text(say("growth.reason.seated")).count() == 1
    check(visitor)
    page.select_option("#who", ids[CHILD])
    page.fill("#cm", "111.5")
    page.fill("#on", "2021-04-10")
    page.get_by_role("button", name=say("web.people.save")).first.click()
    page.locator(".growth-measured").wait_for()
    assert growth(library, "Cem").measured == ((date(2021, 4, 10), 111.5),)
    undo(visitor)
    assert growth(library, "Cem").measured == ()


def test_a_copy(visitor: Visitor, library: Library, home: tuple[Path, dict[str, str]], ids: dict[str, str]) -> None:
    page = visitor.page
    shot = next(shot for shot in shots() if shot.at == STREET)
    photo = next(row for row in listing.photos(library.catalog) if Path(row.photo).name == shot.name)
    visitor.go(f"/share?photo={photo.photo_id}")
    page.locator(f"#choice input[value='{ids[MOTHER]}']").click()
    page.wait_for_url("**keep=**")
    check(visitor)
    with page.expect_download() as waiting:
        page.click(".share-download button")
    before, after = (
        np.asarray(Image.open(path).convert("RGB")).astype(int)
        for path in (home[0] / "photos" / shot.name, waiting.value.path())
    )
    for column in shot.columns:
        left, top, right, bottom = box(shot, column)
        head = np.s_[top : top + int((bottom - top) * HEAD), left:right]
        changed = (before[head] != after[head]).any(axis=2)
        assert changed.all() if column.who == STRANGER else not changed.any()
