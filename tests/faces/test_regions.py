"""Where heads are looked for, and where eyes and ears lie."""

import numpy as np
import pytest

from mien.faces.face import Face
from mien.faces.regions import ear_boxes, head_windows
from mien.parsing.parse import LANDMARKS
from tests.faces.scenes import Box, parse

PHOTO = np.zeros((800, 600, 3), np.uint8)


def poses(x: float, y: float, visibility: float = 1.0) -> np.ndarray:
    """A pose whose head (0–1) is at x, y and some 0.05 wide; the body is far below."""
    pose = np.full((1, LANDMARKS, 3), visibility, np.float32)
    pose[0, :, :2] = 0.5, 0.9
    angles = np.linspace(0, 2 * np.pi, 11)
    pose[0, :11, :2] = np.stack([x + 0.025 * np.cos(angles), y + 0.025 * np.sin(angles)], 1)
    for landmark, across, down in ((2, 0.01, -0.01), (5, -0.01, -0.01), (9, 0.01, 0.01), (10, -0.01, 0.01)):
        pose[0, landmark, :2] = x + across, y + down  # eyes above the mouth
    return pose


HEADS: list[tuple[str, Box, Box]] = [
    # the figure's box and where its head truly is
    ("standing", (0.4, 0.1, 0.6, 0.9), (0.47, 0.1, 0.53, 0.2)),
    ("a bust", (0.1, 0.2, 0.9, 0.9), (0.35, 0.2, 0.65, 0.55)),
    ("lying", (0.05, 0.6, 0.95, 0.8), (0.05, 0.62, 0.15, 0.75)),
    ("a face that fills the photo", (0.0, 0.0, 1.0, 1.0), (0.05, 0.05, 0.95, 0.95)),
]


@pytest.mark.parametrize(("box", "head"), [h[1:] for h in HEADS], ids=[h[0] for h in HEADS])
def test_the_box_alone_gives_a_window_with_the_whole_head(box: Box, head: Box) -> None:
    (window,), *_ = head_windows(parse(PHOTO, box), 0, 600, 800)
    for x, y in ((head[0] * 600, head[1] * 800), (head[2] * 600, head[3] * 800)):
        assert abs(x - window.x) <= window.side / 2
        assert abs(y - window.y) <= window.side / 2
    assert (head[3] - head[1]) * 800 > window.side / 15, "not too small in it"


def test_labels_come_before_the_pose_and_the_pose_before_the_box() -> None:
    scene = parse(PHOTO, (0, 0, 1, 1), labels=((0, "face", (0.2, 0.2, 0.25, 0.25)),), poses=poses(0.8, 0.3))
    (labels,), (pose,), (box,), *_ = head_windows(scene, 0, 600, 800)
    assert (labels.x, labels.y) == pytest.approx((0.225 * 600, 0.225 * 800), abs=2)
    assert (pose.x, pose.y) == pytest.approx((0.8 * 600, 0.3 * 800), abs=10)
    assert labels.side < pose.side * 2 < box.side * 2


def test_guesses_that_agree_are_asked_once() -> None:
    scene = parse(PHOTO, (0.25, 0, 1, 1), labels=((0, "face", (0.77, 0.27, 0.83, 0.33)),), poses=poses(0.8, 0.3))
    assert len(head_windows(scene, 0, 600, 800)) == 2


def test_a_pose_that_is_hardly_seen_is_not_asked() -> None:
    scene = parse(PHOTO, (0.25, 0, 1, 1), poses=poses(0.8, 0.3, visibility=0.1))
    assert len(head_windows(scene, 0, 600, 800)) == 1


@pytest.mark.parametrize(("box", "more"), [((0.05, 0.0, 0.95, 1.0), 1), ((0.3, 0.0, 0.7, 1.0), 0)])
def test_around_a_photo_that_may_be_all_face_there_is_more_to_look_into(box: Box, more: int) -> None:
    windows = [window for (window,) in head_windows(parse(PHOTO, box), 0, 600, 800)]
    assert len(windows) == 1 + more
    for window in windows[1:]:
        assert (window.x, window.y) == (300, 400)
        assert window.side > 2 * 800, "the face is to be small in it"


def test_stray_labels_do_not_move_the_window() -> None:
    face, stray = (0.2, 0.2, 0.3, 0.3), (0.9, 0.9, 0.92, 0.92)
    scene = parse(PHOTO, (0, 0, 1, 1), labels=((0, "face", face), (0, "face", stray)))
    window = head_windows(scene, 0, 600, 800)[0][0]
    assert (window.x, window.y) == pytest.approx((150, 200), abs=10)


def test_ears_lie_at_both_sides_of_a_face_that_looks_ahead(woman: Face) -> None:
    left, right = ear_boxes(woman.landmarks, 0.0)
    middle = woman.landmarks[:, 0].mean()
    assert right[0] < right[2] < middle < left[0] < left[2]
    height = woman.box[3] - woman.box[1]
    for ear in (left, right):
        assert woman.box[1] < ear[1] < ear[3] < woman.box[3]
        assert 0.2 * height < ear[3] - ear[1] < 0.5 * height


@pytest.mark.parametrize(("yaw", "hidden"), [(0, [False, False]), (50, [True, False]), (-50, [False, True])])
def test_a_head_that_turns_hides_the_far_ear(woman: Face, yaw: float, hidden: list[bool]) -> None:
    """Turned to the photo's right, the person's left ear is behind the head."""
    assert list(np.isnan(ear_boxes(woman.landmarks, yaw)).all(1)) == hidden
