"""The questions of the article and of the issue, asked of a dated album: exactly the right photos and figures."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.cli import Commands
from mien.indexing import searching
from mien.web.app import create_app
from tests.search.acceptance_album import opened, photo_id
from tests.web.conftest import ADDRESS, served

TODAY = date(2026, 11, 20)

Expected = Mapping[str, list[int]]
"""The photos that answer, and who is meant in each: their places from the left, in the order of the question."""

TOGETHER: Expected = {
    "apart": [1, 3], "picnic": [1, 2], "beach": [2, 3], "pair with another": [2, 1], "pair": [1, 2],
}  # fmt: skip
WEEKENDS = ("picnic", "empty beach", "beach", "picnic before", "match", "eve", "pair", "girls", "festival of 2020")

QUESTIONS: list[tuple[list[str], Expected]] = [
    (
        [
            "找出所有穿蓝衬衫的男人", "find all men in blue shirts", "men wearing a blue shirt", "穿蓝色上衣的男性",
            "藍襯衫男人", "a guy in a blue shirt or jumper",
        ],
        {"picnic": [2], "office": [1], "match": [1]},
    ),
    (
        ["戴红色围巾的女人", "戴紅色圍巾的女人", "woman with a red scarf", "ladies in red scarves", "戴“红”围巾的女的"],
        {"apart": [2], "eve": [1], "festival": [1]},
    ),
    (["Anna in a yellow dress next to someone with a hat"], {"picnic": [1, 2], "picnic before": [1, 2]}),
    (["没戴帽子的Tom", "Tom without a hat", "Tom w/o hat"], {"beach": [3], "pair with another": [1], "pair": [2]}),
    (["2019年春节", "Chinese New Year 2019"], {"festival": []}),
    (["周末", "weekends"], {photo: [] for photo in WEEKENDS}),
    (["Anna on weekends"], {"picnic": [1], "beach": [2], "picnic before": [1], "pair": [1]}),
    (["Anna and Tom together", "Anna和Tom在一起"], TOGETHER),
    (["李娜和王小明在一起"], {"festival of 2020": [2, 1]}),
    (["Anna left of Tom", "Anna在Tom左边"], {p: figures for p, figures in TOGETHER.items() if figures != [2, 1]}),
    (["Tom left of Anna"], {"pair with another": [1, 2]}),
    (["Anna alone"], {"scan": [1]}),
    (["李娜独自"], {"festival": [1]}),
    (["Anna and Tom, nobody else", "Anna和Tom，没有别人"], {"picnic": [1, 2], "pair": [1, 2]}),
    (["Anna in Hangzhou"], {"apart": [1], "picnic": [1], "beach": [2], "picnic before": [1]}),
    (["李娜在北京"], {"festival of 2020": [2], "festival": [1]}),
    (["李娜，不在北京"], {"apart": [2]}),
    (["in Paris but not on 24 December 2023"], {"market": []}),
    (["photos of nobody", "没有人的照片"], {"empty beach": []}),
    (["two girls next to each other", "手牵手的两个女孩"], {"girls": [1, 2]}),
    (["两个女孩，一个穿红裙子，一个穿白裙子"], {"girls": [1, 2]}),
    (["two girls, one in a red dress and one in a white dress"], {"girls": [1, 2]}),
    (["红裙子或者白裙子的女孩"], {"girls": [1], "beach": [1]}),
    (
        ["a man in a blue shirt or a woman in a red coat"],
        {"picnic": [2], "office": [1], "festival of 2020": [2], "festival": [1], "match": [1]},
    ),
    (["the man on the right, 2024", "2024年最右边的男人"], {"office": [2]}),
    (["from left to right: Mia, Anna, Tom"], {"beach": [1, 2, 3]}),
    (["Tom, nobody with a hat"], {"beach": [3], "pair": [2]}),
    (["purple hat", "Mia with a red scarf"], {}),
]  # fmt: skip
ABSOLUTE: Mapping[str, Expected] = {question: expected for asked, expected in QUESTIONS for question in asked}

RELATIVE: Mapping[str, Expected] = {
    "Anna in a yellow dress next to someone with a hat, last summer": {"picnic": [1, 2]},
    "去年夏天Anna穿黄裙子，旁边有人戴帽子": {"picnic before": [1, 2]},
    "last summer": {"apart": [], "picnic": []},
    "去年夏天": {"empty beach": [], "beach": [], "picnic before": []},
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with opened(tmp_path_factory.mktemp("acceptance") / "library") as library:
        yield library


@pytest.fixture(scope="module")
def client(library: Library) -> Iterator[TestClient]:
    with served(library) as album:
        yield TestClient(create_app(album), base_url=ADDRESS)


def of_ids(expected: Expected) -> list[tuple[str, list[int]]]:
    return sorted((photo_id(photo), figures) for photo, figures in expected.items())


def places(figure_ids: list[str]) -> list[int]:
    """Figures are numbered from the left, as they stand in the album."""
    return [int(figure.rpartition("-")[2]) for figure in figure_ids]


@pytest.mark.parametrize("question", [*ABSOLUTE, *RELATIVE])
def test_the_right_photos_and_the_right_figures(library: Library, question: str) -> None:
    expected = {**ABSOLUTE, **RELATIVE}[question]
    answer = searching.search(library, question, today=TODAY)
    assert answer.query is not None
    assert not answer.query.not_understood
    found = sorted((result.photo_id, places(list(result.figure_ids))) for result in answer.results)
    assert found == of_ids(expected)
    assert all(result.why or not result.figure_ids for result in answer.results)


def test_equally_likely_ones_come_newest_first(library: Library) -> None:
    answer = searching.search(library, "weekends", today=TODAY)
    assert [result.photo_id for result in answer.results] == [photo_id(photo) for photo in WEEKENDS]


@pytest.mark.parametrize("question", ABSOLUTE)
def test_the_page_shows_them(client: TestClient, question: str) -> None:
    page = client.get("/search", params={"q": question}).text
    assert sorted(re.findall(r'id="photo-([0-9a-f]+)"', page)) == sorted(map(photo_id, ABSOLUTE[question]))
    assert "chip-missed" not in page
    assert html.escape(question, quote=True) in page or question in html.unescape(page)


@pytest.mark.parametrize("question", ["找出所有穿蓝衬衫的男人", "woman with a red scarf", "Tom left of Anna"])
def test_the_command_line_lists_them(library: Library, question: str) -> None:
    run = CliRunner().invoke(Commands("mien"), ["search", question, "--json", "--library", str(library.folder)])
    assert run.exit_code == 0, run.output
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    found = sorted((row["photo_id"], places(row["figure_ids"])) for row in rows)
    assert found == of_ids(ABSOLUTE[question])
    assert all(row["why"] for row in rows)
