"""Where to look for a figure's head, and where eyes and ears lie on a face that was found."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import PART_ID, PARTS, Parse

HEAD_PARTS = tuple(PART_ID[name] for name in ("hat", "hair", "sunglasses", "face"))
_IS_HEAD = np.isin(np.arange(len(PARTS)), HEAD_PARTS)
_IS_FACE = np.isin(np.arange(len(PARTS)), (PART_ID["sunglasses"], PART_ID["face"]))

# Detection is at its best where a face takes 1/10 to 1/3 of the window's side (measured), so the window is chosen for
# the middle of that range, and estimates of the head may be wrong by a factor of two.
_SPAN = 4.5
_AROUND = 3.0  # side of the window around a photo that may be all face, over its longer side
_FEWEST_PIXELS = 6  # of a head's labels in the parse
_FILLING = 0.8
_VISIBLE = 0.3
_UPRIGHT = np.deg2rad(45)  # up to which lean a window stays upright; the detector bears 60°
_HEAD_LANDMARKS = slice(0, 11)
_EYES, _MOUTH = [2, 5], [9, 10]

# In the face mesh, as the person has them.
LEFT_EYE, RIGHT_EYE = [263, 362, 386, 374, 387, 373, 385, 380], [33, 133, 159, 145, 158, 153, 160, 144]
LEFT_SIDE, RIGHT_SIDE = 454, 234  # just before the ears
FOREHEAD, CHIN = 10, 152
_HIDDEN = 25.0  # degrees of yaw from which the far ear is behind the head


@dataclass(frozen=True)
class Window:
    """A square in which a face is looked for: centre and side in px of the photo; `lean` in radians, clockwise."""

    x: float
    y: float
    side: float
    lean: float = 0.0

    def resembles(self, other: "Window") -> bool:
        """Whether looking here is of no use after looking there."""
        small, large = sorted((self.side, other.side))
        apart = np.hypot(self.x - other.x, self.y - other.y)
        return bool(apart < 0.2 * small and large < 1.5 * small)


def head_windows(parse: Parse, figure: int, width: int, height: int) -> tuple[tuple[Window, ...], ...]:
    """Where the head of `figure` may be, in a photo of `width`×`height` px: attempts, most trusted first.

    By the labels of the head, by the pose, by the box, and around the whole photo if the figure fills it; guesses that
    come to the same are given once. Where the pose leans far, the first attempt has a second window that leans with
    it: poses of cut bodies are often upside down, so that both must be looked into.
    """
    pose = parse.poses[figure] * np.array([width, height, 1], np.float32)
    known = bool(np.isfinite(pose).all() and pose[_HEAD_LANDMARKS, 2].mean() > _VISIBLE)
    guesses = [_by_labels(parse, figure, width, height)]
    if known:
        guesses.append(_by_pose(pose))
    guesses.append(_by_box(parse.boxes[figure] * np.array([width, height, width, height])))
    if _fills(parse.boxes[figure]):
        guesses.append(Window(width / 2, height / 2, _AROUND * max(width, height)))
    windows: list[Window] = []
    for guess in guesses:
        if guess is not None and not any(guess.resembles(other) for other in windows):
            windows.append(guess)
    attempts = [(window,) for window in windows]
    lean = _lean(pose) if known else 0.0
    if abs(lean) > _UPRIGHT:
        return ((windows[0], replace(windows[0], lean=lean)), *attempts[1:])
    return tuple(attempts)


def _by_labels(parse: Parse, figure: int, width: int, height: int) -> Window | None:
    size = np.array(parse.size * 2)
    x0, y0, x1, y1 = np.clip(parse.boxes[figure] * size + (-1, -1, 1, 1), 0, size).astype(int)
    here = slice(y0, y1), slice(x0, x1)  # within the box: this is asked of every figure of a crowd
    parts = np.where(parse.figures[here] == figure + 1, parse.parts[here], 0)
    face = _IS_FACE[parts]
    rows, columns = np.nonzero(face if face.sum() >= _FEWEST_PIXELS else _IS_HEAD[parts])
    if len(rows) < _FEWEST_PIXELS:
        return None
    scale = width / parse.size[0], height / parse.size[1]
    side = float(np.sqrt(len(rows) * scale[0] * scale[1]))
    x, y = np.median(columns) + x0 + 0.5, np.median(rows) + y0 + 0.5  # stray labels elsewhere do not count
    return Window(float(x * scale[0]), float(y * scale[1]), _SPAN * 1.1 * side)


def _by_pose(pose: NDArray[np.float32]) -> Window:
    points = pose[_HEAD_LANDMARKS, :2]
    extent = float(np.ptp(points, axis=0).max())
    x, y = points.mean(0)
    return Window(float(x), float(y), _SPAN * 1.5 * extent)


def _by_box(box: NDArray[np.floating]) -> Window:
    """The top of a standing figure; all of one that is as wide as a bust, lies, or is cut to its face."""
    x, y = (box[:2] + box[2:]) / 2
    width, height = box[2:] - box[:2]
    if width >= 0.6 * height:
        return Window(float(x), float(y), float(max(2 * height, 1.2 * width)))
    return Window(float(x), float(box[1] + 0.12 * height), float(max(1.5 * width, 0.4 * height)))


def _fills(box: NDArray[np.floating]) -> bool:
    """Whether a figure (0–1) fills the photo, as a face does that forehead and chin are cut from."""
    return bool((box[2:] - box[:2] >= _FILLING).all())


def _lean(pose: NDArray[np.float32]) -> float:
    """Clockwise angle of a head from upright, radians."""
    up = pose[_EYES, :2].mean(0) - pose[_MOUTH, :2].mean(0)
    return float(np.arctan2(up[0], -up[1]))


def face_box(mesh: NDArray[np.floating]) -> NDArray[np.float64]:
    """The box (4,) that encloses mesh points (468, 2 or 3): forehead to chin, in the points' unit."""
    return np.concatenate([mesh[:, :2].min(0), mesh[:, :2].max(0)]).astype(np.float64)


def eye_centres(mesh: NDArray[np.floating]) -> NDArray[np.float64]:
    """Centres of the person's left and right eye, (2, 2), from mesh points."""
    return np.array([mesh[LEFT_EYE[:2], :2].mean(0), mesh[RIGHT_EYE[:2], :2].mean(0)], np.float64)


def eye_boxes(mesh: NDArray[np.floating]) -> NDArray[np.float64]:
    """Boxes of the person's left and right eye (2, 4), lids included, from mesh points."""
    boxes = np.array([face_box(mesh[eye]) for eye in (LEFT_EYE, RIGHT_EYE)])
    margin = 0.25 * (boxes[:, 2:3] - boxes[:, :1])
    return np.hstack([boxes[:, :2] - margin, boxes[:, 2:] + margin])


def ear_boxes(mesh: NDArray[np.floating], yaw: float) -> NDArray[np.float64]:
    """Boxes of the regions of the person's left and right ear (2, 4), from mesh points; NaN for a hidden one.

    An ear is about a third of the face high (from brow to the base of the nose, the canon of drawing), and
    lies outside the mesh's edge. `yaw` in degrees, as in `FaceQuality`.
    """
    points = mesh[:, :2].astype(np.float64)
    side = float(np.linalg.norm(points[FOREHEAD] - points[CHIN])) / 3
    middle = (points[LEFT_SIDE] + points[RIGHT_SIDE]) / 2
    boxes = np.full((2, 4), np.nan)
    for i, (edge, turned_away) in enumerate(((LEFT_SIDE, yaw > _HIDDEN), (RIGHT_SIDE, yaw < -_HIDDEN))):
        outward = points[edge] - middle
        length = float(np.linalg.norm(outward))
        if turned_away or length == 0:
            continue
        centre = points[edge] + outward / length * side * 0.2
        boxes[i] = np.concatenate([centre - side / 2, centre + side / 2])
    return boxes
