"""What is hidden, and what never is."""

import numpy as np
import pytest

from mien.parsing.parse import BAG, PART_ID, Parse
from mien.sharing.planning import plan
from mien.sharing.screening import Sighted
from mien.sharing.shapes import without_slivers
from mien.sharing.wish import Subject, Wish

WIDTH, HEIGHT = 200, 150
Px = tuple[int, int, int, int]


def parsed(*figures: dict[str, Px]) -> Parse:
    """Figures of boxes in px, one per part; later figures stand before earlier ones."""
    who, parts = np.zeros((HEIGHT, WIDTH), np.uint16), np.zeros((HEIGHT, WIDTH), np.uint8)
    boxes, areas = [], np.zeros((len(figures), BAG + 1), np.int32)
    for number, figure in enumerate(figures, start=1):
        for part, (x0, y0, x1, y1) in figure.items():
            who[y0:y1, x0:x1] = number
            parts[y0:y1, x0:x1] = PART_ID[part]
        corners = np.array(list(figure.values()))
        boxes.append([*corners[:, :2].min(0), *corners[:, 2:].max(0)])
    n = len(figures)
    return Parse(
        figures=who,
        parts=parts,
        boxes=(np.array(boxes, np.float32).reshape(n, 4) / (WIDTH, HEIGHT, WIDTH, HEIGHT)).astype(np.float32),
        scores=np.ones(n, np.float32),
        areas=areas,
        confidences=np.zeros((n, BAG + 1), np.float32),
        uncertain=np.zeros(n, np.float32),
        poses=np.full((n, 33, 3), np.nan, np.float32),
    )


def sighted(faces: list[Px] | None = None, bodies: list[Px] | None = None, turn: int = 0) -> Sighted:
    faces, bodies = faces or [], bodies or []
    return Sighted(
        np.array(faces, float).reshape(-1, 4),
        np.zeros((len(faces), 6, 2)),
        np.full(len(faces), 0.9),
        np.array(bodies, float).reshape(-1, 4),
        np.full(len(bodies), turn),
    )


def subject(
    parse: Parse, figure: int, *, keep: bool = False, face: Px | None = None, grown_up: bool = False
) -> Subject:
    size = (WIDTH, HEIGHT, WIDTH, HEIGHT)
    seen = None if face is None else tuple(np.array(face) / size)
    return Subject(tuple(parse.boxes[figure].tolist()), figure, keep=keep, face=seen, grown_up=grown_up)


LEFT = {"hair": (40, 20, 60, 30), "face": (40, 30, 60, 45), "coat": (30, 45, 70, 130)}
RIGHT = {"hair": (62, 20, 82, 30), "face": (62, 30, 82, 45), "dress": (60, 45, 95, 100), "left-leg": (65, 100, 75, 130)}
FACE_LEFT, FACE_RIGHT = (40, 26, 60, 45), (62, 26, 82, 45)


def is_hidden(mask: np.ndarray, box: Px) -> float:
    x0, y0, x1, y1 = box
    return float(mask[y0:y1, x0:x1].mean())


def test_nobody_there_nothing_hidden() -> None:
    empty = Parse.empty(WIDTH, HEIGHT)
    assert not plan(empty, [], sighted(), Wish()).mask.any()


@pytest.mark.parametrize("spoken_of", [False, True])
def test_whoever_is_not_kept_is_hidden_spoken_of_or_not(spoken_of: bool) -> None:
    parse = parsed(LEFT, RIGHT)
    subjects = [subject(parse, i) for i in range(2)] if spoken_of else []
    mask = plan(parse, subjects, sighted(), Wish()).mask
    assert is_hidden(mask, (40, 20, 60, 45)) == is_hidden(mask, (62, 20, 82, 45)) == 1
    assert is_hidden(mask, (30, 70, 95, 130)) == 0


def test_the_kept_stay_clear_along_their_mask_however_near_a_stranger_is() -> None:
    parse = parsed(LEFT, RIGHT)
    subjects = [subject(parse, 0), subject(parse, 1, keep=True, face=FACE_RIGHT)]
    mask = plan(parse, subjects, sighted([FACE_LEFT, FACE_RIGHT]), Wish()).mask
    assert is_hidden(mask, (40, 20, 60, 45)) == 1
    assert is_hidden(mask, (65, 21, 82, 45)) == 0
    assert is_hidden(mask, (62, 20, 63, 30)) == 1  # the outermost hair may be the stranger's


def test_long_hair_that_is_taken_for_a_scarf_is_hidden() -> None:
    parse = parsed({**LEFT, "scarf": (32, 45, 38, 90)})
    assert is_hidden(plan(parse, [], sighted(), Wish()).mask, (32, 45, 38, 90)) == 1


def test_islands_between_hidden_parts_are_hidden_unless_they_show_a_kept_face() -> None:
    mask, keep = np.ones((2, 100, 100), bool)
    mask[40:44, 40:44] = mask[70:95, 70:95] = mask[:20, 50:53] = mask[10:14, 10:14] = False
    keep[:] = False
    keep[11:13, 11:13] = True
    assert not without_slivers(np.zeros((9, 9), bool), np.zeros((9, 9), bool), 4, 50).any()
    tidy = without_slivers(mask, keep, 4, 50)
    assert tidy[mask].all()
    assert is_hidden(tidy, (40, 40, 44, 44)) == is_hidden(tidy, (50, 2, 53, 20)) == 1
    assert is_hidden(tidy, (70, 70, 95, 95)) < 0.1
    assert is_hidden(tidy, (11, 11, 13, 13)) == 0


def test_a_face_in_the_arms_of_the_kept_is_hidden_though_the_parse_takes_it_for_theirs() -> None:
    parse = parsed({"face": (40, 20, 60, 45), "coat": (30, 45, 90, 130)})
    child = (60, 60, 80, 80)
    subjects = [subject(parse, 0, keep=True, face=(40, 22, 60, 45))]
    found = plan(parse, subjects, sighted([(40, 22, 60, 45), child]), Wish())
    assert is_hidden(found.mask, (64, 64, 76, 76)) == 1
    assert is_hidden(found.mask, (42, 26, 58, 43)) == 0
    assert (len(found.kept), found.strangers) == (1, 1)


def test_a_stranger_whose_face_the_parse_takes_for_the_kept_is_hidden_and_the_kept_are_not() -> None:
    joined = {"hair": (40, 20, 82, 30), "face": (40, 30, 82, 45), "coat": (30, 45, 95, 130)}
    parse = parsed(joined)
    wide = (38, 24, 66, 47)  # boxes of faces reach beyond them
    subjects = [subject(parse, 0, keep=True, face=wide)]
    mask = plan(parse, subjects, sighted([wide, (62, 24, 84, 47)]), Wish()).mask
    assert is_hidden(mask, (65, 22, 82, 45)) > 0.99
    assert is_hidden(mask, (40, 22, 60, 45)) == 0
    assert is_hidden(mask, (32, 52, 55, 128)) == 0


def test_an_ear_that_is_seen_as_a_face_stays() -> None:
    parse = parsed({"hair": (40, 20, 85, 60), "face": (40, 30, 70, 60), "coat": (30, 60, 95, 130)})
    face, ear = (40, 30, 70, 60), (72, 40, 82, 50)
    seen = sighted([face, ear])
    kept = [subject(parse, 0, keep=True, face=face)]
    assert plan(parse, kept, seen, Wish()).mask.any()  # surely a face
    seen.scores[1] = 0.6
    assert not plan(parse, kept, seen, Wish()).mask.any()


def test_two_faces_at_one_place_are_not_both_vouched_for() -> None:
    parse = parsed(LEFT)
    subjects = [subject(parse, 0, keep=True, face=FACE_LEFT)]
    cheek = (52, 26, 72, 45)
    mask = plan(parse, subjects, sighted([FACE_LEFT, cheek]), Wish()).mask
    assert is_hidden(mask, (62, 30, 70, 42)) > 0.9
    assert is_hidden(mask, (43, 30, 55, 42)) == 0


def test_a_faint_second_sight_of_a_kept_face_hides_nothing_of_it() -> None:
    parse = parsed(LEFT)
    subjects = [subject(parse, 0, keep=True, face=FACE_LEFT)]
    seen = sighted([FACE_LEFT, (30, 14, 50, 33)])
    seen.scores[1] = 0.3
    assert not plan(parse, subjects, seen, Wish()).mask.any()


def test_somebody_kept_whose_face_nobody_found_before_is_kept() -> None:
    parse = parsed(LEFT)
    found = plan(parse, [subject(parse, 0, keep=True)], sighted([FACE_LEFT]), Wish())
    assert not found.mask.any()
    assert len(found.kept) == 1


@pytest.mark.parametrize("style", ["blur", "silhouette"])
def test_who_shows_no_head_loses_the_upper_part(style: str) -> None:
    parse = parsed({"coat": (50, 20, 90, 90), "pants": (50, 90, 90, 140)})
    mask = plan(parse, [], sighted(), Wish(style)).mask  # type: ignore[arg-type]
    assert is_hidden(mask, (55, 20, 85, 40)) == 1
    assert is_hidden(mask, (55, 100, 85, 138)) == (style == "silhouette")


@pytest.mark.parametrize(
    ("seen", "place"),
    [(sighted([(100, 40, 130, 75)]), (102, 35, 128, 75)), (sighted([], [(120, 20, 160, 140)]), (132, 22, 148, 36))],
    ids=["face", "body"],
)
def test_strangers_that_indexing_did_not_see(seen: Sighted, place: Px) -> None:
    found = plan(Parse.empty(WIDTH, HEIGHT), [], seen, Wish())
    assert is_hidden(found.mask, place) == 1
    assert found.strangers == 1


@pytest.mark.parametrize(
    ("turn", "head"),
    [(0, (75, 22, 85, 38)), (1, (122, 65, 138, 80)), (2, (75, 102, 85, 118)), (3, (22, 65, 38, 80))],
)
def test_the_head_of_who_lies_is_at_the_other_end(turn: int, head: Px) -> None:
    body = (60, 20, 100, 120) if turn % 2 == 0 else (20, 50, 140, 95)
    mask = plan(Parse.empty(WIDTH, HEIGHT), [], sighted([], [body], turn), Wish()).mask
    assert is_hidden(mask, head) == 1
    assert 0 < mask.sum() < 0.6 * (body[2] - body[0]) * (body[3] - body[1])


def test_a_body_whose_head_the_parse_puts_elsewhere() -> None:
    parse = parsed({"hair": (30, 120, 40, 130), "coat": (30, 40, 70, 130)})
    mask = plan(parse, [], sighted([], [(30, 20, 70, 130)]), Wish()).mask
    assert is_hidden(mask, (46, 22, 54, 32)) == 1


@pytest.mark.parametrize(
    ("skin", "keep", "grown_up", "hidden"),
    [
        ("none", False, False, False),
        ("children", False, False, True),
        ("children", False, True, False),
        ("children", True, False, True),
        ("children", True, True, False),
        ("strangers", False, True, True),
        ("strangers", True, False, False),
        ("both", True, False, True),
        ("both", False, True, True),
        ("both", True, True, False),
        ("everybody", True, True, True),
    ],
)
def test_whose_skin_is_hidden(skin: str, keep: bool, grown_up: bool, hidden: bool) -> None:
    parse = parsed(RIGHT)
    person = subject(parse, 0, keep=keep, face=FACE_RIGHT, grown_up=grown_up)
    mask = plan(parse, [person], sighted([FACE_RIGHT]), Wish("blur", skin)).mask  # type: ignore[arg-type]
    assert is_hidden(mask, (66, 102, 74, 128)) == hidden
    assert is_hidden(mask, (65, 30, 79, 44)) == (not keep)
