"""Questions are understood, in Chinese and English, and what is not is said."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.search.query import Query
from mien.search.understanding import LONGEST, understand
from mien.search.wording import chips, leave_out, parts, text_without
from tests.search.notation import NAMES, TODAY, expected, notation, questions

EXAMPLES: list[tuple[str, list[str], list[str], list[str]]] = [
    ("", [], [], []),
    ("   ", [], [], []),
    ("？", [], [], []),
    ("找出所有穿蓝衬衫的男人", ["masculine; wears top blue"], [], []),
    ("戴红色围巾的女人", ["feminine; wears scarf red"], [], []),
    ("戴紅色圍巾的女人", ["feminine; wears scarf red"], [], []),
    (
        "Anna in a yellow dress next to someone with a hat, last summer",
        ["named Anna; wears dress yellow", "wears hat"],
        ["1 beside 2", "when 2026-06-01..2026-08-31"],
        [],
    ),
    ("没戴帽子", ["no hat"], [], []),
    ("without a hat", ["no hat"], [], []),
    ("去年夏天", [], ["when 2025-06-01..2025-08-31"], []),
    ("２０１９年春节", [], ["when 2019-02-04..2019-02-10"], []),
    ("weekends", [], ["weekdays 5 6"], []),
    (
        "two women in red dresses and a man in a suit",
        ["2.. feminine; wears dress red", "masculine; wears coat"],
        [],
        [],
    ),
    ("Tom without a hat or glasses", ["named Tom; no hat; no glasses"], [], []),
    ("Tom without glasses but with a hat", ["named Tom; no glasses; wears hat"], [], []),
    ("李娜和王小明在一起", ["named 李娜", "named 王小明 (明明)"], [], []),
    ("李娜和小明都戴眼镜", ["named 李娜; wears glasses", "named 王小明 (明明); wears glasses"], [], []),
    ("李娜在陈静和小明中间", ["named 李娜", "named 陈静", "named 王小明 (明明)"], ["1 beside 2", "1 beside 3"], []),
    ("Tom on Anna's left", ["named Tom", "named Anna"], ["1 left of 2"], []),
    ("Anna on the left and Tom on the right", ["named Anna", "named Tom"], ["1 left of 2"], []),
    ("May in May", ["named Mary Smith (May)"], ["months 5"], []),
    ("除了李娜没有别人", ["named 李娜"], ["nobody else"], []),
    ("anyone but Anna", ["not named Anna"], [], []),
    ("Anna in Paris, France", ["named Anna"], ["where Paris"], []),
    ("云南", [], ["where Yunnan"], []),
    ("a leather jacket", ["wears coat"], [], ["leather"]),
    ("smiling boy with a dog", ["child; masculine"], [], ["smiling", "dog"]),
    ("photos near Berlin or in Rome since March 2020", [], ["where Berlin", "where Rome", "when 2020-03-01.."], []),
    ("5个人以上", [], ["people 5.."], []),
    ("戴帽子的和戴眼镜的", ["wears hat", "wears glasses"], [], []),
]


@pytest.mark.parametrize(("asks", "who", "how", "missed"), EXAMPLES, ids=[e[0] or "empty" for e in EXAMPLES])
def test_a_question_is_understood(asks: str, who: list[str], how: list[str], missed: list[str]) -> None:
    assert notation(understand(asks, NAMES, TODAY), asks) == expected({"who": who, "how": how, "missed": missed})


@pytest.mark.parametrize(
    ("file", "least"), [("en", 0.95), ("zh", 0.95), ("en_set_aside", 0.85), ("zh_set_aside", 0.85)]
)
def test_enough_of_the_question_files_is_understood(file: str, least: float) -> None:
    asked = questions(file)
    if not asked:
        pytest.skip(f"no file of questions {file}.toml")
    wrong = [q["asks"] for q in asked if notation(understand(q["asks"], NAMES, TODAY), q["asks"]) != expected(q)]
    assert 1 - len(wrong) / len(asked) >= least, wrong


def test_slips_are_forgiven_but_no_known_word_is_taken_for_another() -> None:
    assert notation(understand("womna in a purpel scarff", NAMES, TODAY), "")[0] == ["feminine; wears scarf purple"]
    for one, other in (("coat", "cost"), ("hat", "hut"), ("Anna", "Anne"), ("socks", "rocks")):
        said = understand(other, [*NAMES, "Anne"], TODAY)
        assert said != understand(one, [*NAMES, "Anne"], TODAY)


def test_a_name_of_the_library_goes_before_a_word() -> None:
    assert notation(understand("Rose in red", ["Rose"], TODAY), "")[0] == ["named Rose; wears clothes red"]
    assert notation(understand("rose pink dress", ["Rose"], TODAY), "")[0] == ["wears dress pink"]
    assert notation(understand("妈妈戴帽子", ["妈妈"], TODAY), "")[0] == ["named 妈妈; wears hat"]


def test_a_name_that_several_have_means_any_of_them() -> None:
    assert notation(understand("anna", ["Anna Smith", "Anna Novak"], TODAY), "")[0] == ["named Anna Novak | Anna Smith"]


def test_what_is_behind_the_longest_question_is_said_to_be_not_understood() -> None:
    asks = "red dress " * 60
    query = understand(asks, NAMES, TODAY)
    assert query.not_understood[-1] == (LONGEST, len(asks))
    assert "too long" in chips(query, asks, "en")[-1].label


def _asked() -> list[str]:
    return [q["asks"] for file in ("en", "zh") for q in questions(file)] + [example[0] for example in EXAMPLES]


def test_the_question_without_a_chip_is_the_query_without_its_part() -> None:
    tried, wrong = 0, []
    for asks in _asked():
        query = understand(asks, NAMES, TODAY)
        for part in parts(query):
            tried += 1
            again = text_without(query, part, asks)
            if notation(understand(again, NAMES, TODAY), again)[:2] != notation(leave_out(query, part), asks)[:2]:
                wrong.append((asks, again))
    assert tried > 700
    # what is left may lean on what went: "one man with a hat and one without"
    assert len(wrong) <= 0.015 * tried, wrong


def test_every_part_has_one_chip_in_both_languages() -> None:
    for asks in _asked():
        query = understand(asks, NAMES, TODAY)
        for language in ("en", "zh"):
            made = chips(query, asks, language)  # type: ignore[arg-type]
            assert len(made) == len(parts(query))
            assert all(chip.label.strip() and chip.spans for chip in made), asks


def test_a_guess_at_appearance_is_called_one() -> None:
    asks = "woman in red"
    labels = [chip.label for chip in chips(understand(asks, NAMES, TODAY), asks, "en")]
    assert labels == ["woman (as she appears)", "clothes: red"]
    assert "按外表推测" in chips(understand(asks, NAMES, TODAY), asks, "zh")[0].label


PIECES = [
    "red", "dress", "Anna", "李娜", "没", "没有", "without", "next to", "旁边", "在", "的",
    "和", "or", "two", "三个", "人", "one", "left of", "last", "去年", "夏天", "summer",
    "2019", "年", "月", "31", "between", "and", "to", "到", "her", "is", "不是", "only",
    "只有", "hair", "long", "短", "both", "都", "another", "nobody", "mother", "妈妈",
    "xyz", "张", ",", "，", "May", "since", "前", "ago", "in", "Paris", "左边", "中间",
    "以上", "'s", "1900", "99999999999", "0", "February 30", "2月30日", "大年初一",
    "weekend", "flower", "🎉",
]  # fmt: skip


def _is_sound(text: str, query: Query) -> None:
    for chip in chips(query, text, "zh"):
        assert all(0 <= first < end <= len(text) for first, end in chip.spans)
        assert len(chip.without) <= len(text) + len(" someone ")
    for relation in query.relations:
        of_one = relation.kind in ("leftmost", "rightmost")
        several = relation.kind == "beside" and query.who[relation.one].least > 1
        assert (relation.one == relation.other) if of_one else (relation.one != relation.other or several)
        assert max(relation.one, relation.other) < len(query.who)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    _is_sound(text, understand(text, NAMES, TODAY))


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14),
    st.sampled_from(["", " "]),
    st.dates(date(1, 1, 1), date(2200, 1, 1)),
)
def test_any_words_in_any_order_are_taken(pieces: list[str], gap: str, today: date) -> None:
    text = gap.join(pieces)
    _is_sound(text, understand(text, NAMES, today))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_names_are_taken(names: list[str]) -> None:
    understand("Anna 李娜 in a red dress", names, TODAY)


def test_a_long_text_takes_no_more_than_its_length() -> None:
    def seconds(text: str) -> float:
        understand(text, NAMES, TODAY)
        begun = time.perf_counter()
        understand(text, NAMES, TODAY)
        return time.perf_counter() - begun

    for piece in ("戴红色帽子的女人和", "red or blue hat, ", "啊", "x y "):
        short, long = seconds(piece * 3), seconds(piece * 10_000)
        assert long < 100 * short + 0.2
