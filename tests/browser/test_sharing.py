"""Making copies with a real browser: photos chosen on the timeline, who is to be seen, a preview, a download."""

import io
import zipfile
from pathlib import Path

from PIL import Image

from tests.browser import promises
from tests.browser.conftest import PHONE, WIDE, Visit


def test_from_the_timeline_to_a_zip(visit: Visit, address: str) -> None:
    visitor = visit(address, WIDE)
    page = visitor.page
    visitor.go("/")
    page.click("#pick")
    assert page.locator("#share-picked").is_disabled()
    for tile in (0, 1):
        page.locator(".tile-picture").nth(tile).click()
    page.locator(".tile-picture").nth(2).click()
    page.locator(".tile-picture").nth(2).click()
    assert page.locator(".tile.is-picked").count() == 2
    page.click("#share-picked")
    page.wait_for_url("**/share?*")
    assert page.locator(".share-photo").count() == 2
    page.select_option("select[name=style]", "pixelate")
    page.wait_for_url("**style=pixelate*")
    for preview in page.locator(".share-photo img").all():
        assert preview.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") == 1200
    with page.expect_download() as waiting:
        page.click(".share-download button")
    archive = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert [name.split(".")[0] for name in archive.namelist()] == ["photo-001", "photo-002"]
    for name in archive.namelist():
        assert Image.open(io.BytesIO(archive.read(name))).size == (1200, 900)


def test_escape_ends_choosing(visit: Visit, address: str) -> None:
    visitor = visit(address, WIDE)
    visitor.go("/")
    visitor.page.click("#pick")
    visitor.page.locator(".tile-picture").first.click()
    visitor.page.keyboard.press("Escape")
    assert visitor.page.locator(".tile.is-picked").count() == 0
    visitor.page.locator(".tile-picture").first.click()
    visitor.page.wait_for_url("**/photos/*")


def test_the_page_keeps_its_promises(visit: Visit, address: str) -> None:
    visitor = visit(address, WIDE)
    visitor.go("/")
    visitor.page.locator(".tile-picture").first.click()
    visitor.page.wait_for_url("**/photos/*")
    visitor.page.click("a[href^='/share?photo=']")
    visitor.page.wait_for_url("**/share?*")
    assert promises.unnamed(visitor.page) == []
    for theme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=theme)
        assert promises.faint(visitor.page) == []
    for size in (WIDE, PHONE):
        visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
        assert promises.sideways(visitor.page) == []
