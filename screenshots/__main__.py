"""`make screenshots`: the pictures of Mien in the README, taken anew from an album that may be shown."""

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import sync_playwright
from tests.browser import chromium
from tests.browser.serving import mien, serving

from screenshots import album

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"

DESKTOP, PHONE = (1280, 860), (390, 844)
"""CSS px; pictures have twice as many."""

LARGEST = 200_000
"""Bytes of a picture, so that the repository stays light."""


def main() -> None:
    command = chromium.find()
    if command is None:
        raise SystemExit("No Chromium here: install it from the system's packages, or name one in MIEN_CHROMIUM.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "CREDITS.md").write_text(album.CREDITS, encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        photos, library = Path(folder, "Pictures"), Path(folder, "library")
        album.make(photos)
        mien("index", photos, "--library", library)
        with serving(library) as (_, address), sync_playwright() as playwright:
            browser = chromium.launch(playwright, command)
            take_all(browser, address)
            browser.close()


def take_all(browser: Any, address: str) -> None:
    """The timeline, people being named, an answer, a photo with its parts; a photo on a phone, in Chinese."""
    with page_of(browser, DESKTOP, "en-GB", "light") as page:
        page.goto(address)
        save(page, "timeline")
    with page_of(browser, DESKTOP, "en-GB", "dark") as page:
        page.goto(f"{address}people")
        for words in ("Eileen Collins", "Grace Hopper"):
            name(page, words)
            page.locator(".toast", has_text=words).wait_for()
        page.reload()
        page.locator("details").evaluate("seen_once => (seen_once.open = true)")
        name(page, "Ben")
        page.locator(".toast", has_text="Ben").wait_for()
        save(page, "people")
    with page_of(browser, DESKTOP, "en-GB", "light") as page:
        page.goto(f"{address}search?q={quote('Grace Hopper next to somebody, in summer')}")
        save(page, "search")
    with urlopen(f"{address}api/photos") as answer:
        ids = {Path(row["photo"]).name: row["photo_id"] for row in json.load(answer)["photos"]}
    with page_of(browser, DESKTOP, "en-GB", "light") as page:
        page.goto(f"{address}photos/{ids['IMG_20240816_230500.jpg']}")
        page.locator(".drawing .figure").last.click()
        page.locator("#show-parts").check()
        page.mouse.move(0, 0)
        save(page, "photo")
    with page_of(browser, PHONE, "zh-CN", "light") as page:
        page.goto(f"{address}photos/{ids['IMG_20240817_214000.jpg']}")
        page.locator(".drawing .figure").first.click()
        page.mouse.move(0, 0)
        save(page, "phone")


@contextmanager
def page_of(browser: Any, size: tuple[int, int], locale: str, theme: str) -> Iterator[Any]:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2,
        locale=locale,
        color_scheme=theme,
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


def name(page: Any, words: str) -> None:
    """Name the first person of the page who has no name."""
    page.locator(".person-card .unknown").first.click()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def save(page: Any, name: str) -> None:
    """What the window shows, as WebP: as good as fits."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot()))
    for quality in range(90, 0, -10):
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= LARGEST:
            break
    (FOLDER / f"{name}.webp").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main()
