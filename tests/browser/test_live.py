"""What happens by itself: indexing is told of as it goes on, new photos appear, and the server may go away."""

import os
import re
import signal
from pathlib import Path

import pytest
from PIL import Image

from mien.language import Language
from tests.browser.conftest import WIDE, Visit
from tests.browser.serving import serving


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_album_is_given_a_folder_and_fills(
    language: Language, visit: Visit, photos: Path, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    with serving(tmp_path / "empty") as (_, address):
        visitor = visit(address, WIDE, language)
        page = visitor.page
        visitor.go("/")
        expect(page.get_by_role("heading", level=1)).to_have_text(visitor.say("web.start.title"))
        page.get_by_label(visitor.say("web.start.folder")).fill(str(photos))
        page.get_by_role("button", name=visitor.say("web.start.index")).click()
        strip = page.get_by_role("region", name=visitor.say("web.live.label"))
        read = re.escape(visitor.say("web.live.read", done="N", found="N")).replace("N", r"\d+")
        expect(strip).to_contain_text(re.compile(read), timeout=60_000)
        number = len(list(photos.iterdir()))
        expect(page.locator(".tile")).to_have_count(number, timeout=60_000)
        summary = visitor.say("web.status.summary.new", n=number)
        expect(strip).to_contain_text(visitor.say("web.live.over", summary=summary), timeout=60_000)
        page.locator(".tile:has(.tile-people) a").first.click()
        expect(page.locator(".drawing .figure").first).to_be_visible()


def test_a_photo_that_is_brought_appears(visit: Visit, own_address: str, tmp_path: Path) -> None:
    from benchmarks.album import scene
    from playwright.sync_api import expect

    photo, junk = tmp_path / "IMG_20240601_101530.jpg", tmp_path / "junk.jpg"
    Image.fromarray(scene((900, 675), people=1, seed=7)).save(photo)
    junk.write_bytes(b"\xff\xd8\xff\xe0 no photo")
    visitor = visit(own_address, expected=frozenset({415, 422}))
    page = visitor.page
    visitor.go("/")
    before = page.locator(".tile").count()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=visitor.say("web.upload.choose")).first.click()
    chooser.value.set_files([photo, junk])
    uploads = page.get_by_role("region", name=visitor.say("web.upload.label"))
    expect(uploads).to_contain_text(visitor.say("web.upload.some", n=1, failed=1), timeout=60_000)
    expect(uploads.get_by_role("listitem")).to_have_count(1)
    expect(uploads.get_by_role("listitem")).to_contain_text("junk.jpg")
    expect(page.locator(".tile")).to_have_count(before + 1)
    expect(page.locator(".month").first).to_have_attribute("data-month", "2024-06")
    page.locator(".tile a").first.click()
    expect(page.locator(".drawing .figure").first).to_be_visible()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no Ctrl-C for one process")
def test_ctrl_c_ends_the_server_under_an_open_page_which_says_so(visit: Visit, own_library: Path) -> None:
    from playwright.sync_api import expect

    with serving(own_library) as (process, address):
        visitor = visit(address)
        visitor.go("/")
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=10) == 0
        visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when somebody returns to it
        strip = visitor.page.get_by_role("region", name=visitor.say("web.live.label"))
        expect(strip).to_contain_text(visitor.say("web.live.away"))
