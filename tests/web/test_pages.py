"""Pages speak the visitor's language, all of them both; static files are kept by browsers."""

import re

import pytest
from starlette.testclient import TestClient

from mien.web.album import Album
from mien.web.rendering import static
from tests.web.conftest import ADDRESS
from tests.web.routes import ASKING, fill

CHINESE = re.compile("[\u4e00-\u9fff]")
OTHER_LANGUAGE = "中文"
"""On the button that changes to it."""


@pytest.mark.parametrize("path", ASKING)
def test_every_page_speaks_both_languages(path: str, client: TestClient, album: Album) -> None:
    for language in ("en", "zh"):
        headers = {"accept": "text/html", "accept-language": language}
        page = client.get(fill(path, album), headers=headers, follow_redirects=True)
        assert page.status_code == 200, page.text
        if "<html" in page.text:
            assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}"' in page.text
            assert bool(CHINESE.search(page.text.replace(OTHER_LANGUAGE, ""))) == (language == "zh")


@pytest.mark.parametrize("path", ASKING)
def test_pages_keep_to_the_content_security_policy(path: str, client: TestClient, album: Album) -> None:
    page = client.get(fill(path, album), headers={"accept": "text/html"}, follow_redirects=True)
    if page.headers["content-type"].startswith("text/html"):
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page.text)
        assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", page.text)
        for address in re.findall(r'(?:src|href|action)="([^"]*)"', page.text):
            assert address.startswith(("/", "#", "?")), address
            assert not address.startswith("//")


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        (None, None, "en"),
        (None, "zh", "zh-Hans"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        (None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, "de, en;q=0.1, zh;q=0.2", "zh-Hans"),
        (None, "de", "en"),
        (None, "zh;q=0, *", "en"),
        (None, "nonsense;;q=q,,", "en"),
        (None, "ZH-tw", "zh-Hans"),
        ("zh", "en", "zh-Hans"),
        ("en", "zh", "en"),
        ("tlh", "zh", "zh-Hans"),
    ],
)
def test_which_language(cookie: str | None, header: str | None, language: str, client: TestClient) -> None:
    headers = {"accept": "text/html", "accept-language": header or ""}
    if cookie:
        headers["cookie"] = f"language={cookie}"
    assert f'<html lang="{language}"' in client.get("/nothing", headers=headers).text


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (None, "/"),
        (f"{ADDRESS}/people?x=%20y", "/people?x=%20y"),
        (f"{ADDRESS}//evil.example/", "/"),
        (f"{ADDRESS}/\\evil.example", "/%5Cevil.example"),
        (ADDRESS, "/"),
        ("http://evil.example/people", "/"),
        ("http://127.0.0.1:81/people", "/"),
        ("nonsense", "/"),
        ("http://[", "/"),
    ],
)
def test_a_language_is_chosen_and_kept(referer: str | None, back: str, client: TestClient) -> None:
    headers = {"referer": referer} if referer else {}
    answer = client.post("/language", data={"language": "zh"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert 'lang="zh-Hans"' in client.get("/nothing", headers={"accept": "text/html"}).text


def test_static_files_are_kept(client: TestClient) -> None:
    versioned = client.get(static("style.css"))
    assert "immutable" in versioned.headers["cache-control"]
    plain = client.get("/static/style.css")
    assert plain.headers["cache-control"] == "no-cache"
    again = client.get("/static/style.css", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"
    assert "content-security-policy" in again.headers


@pytest.mark.parametrize("path", ["/static/", "/static/../pages.py", "/static/..%2fpages.py", "/static/none.css"])
def test_nothing_else_is_static(path: str, client: TestClient) -> None:
    assert client.get(path).status_code == 404
