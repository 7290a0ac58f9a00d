"""How a person and a photo look: other colours, bald heads, glasses; light, blur, noise and compression."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.skeleton import LEFT_EYE, MOUTH_LEFT, MOUTH_RIGHT, RIGHT_EYE
from mien.parsing.parse import BAG, PART_ID
from training.people import Person
from training.windows import View

HAIR, FACE, HAT, GLASSES = (PART_ID[name] for name in ("hair", "face", "hat", "sunglasses"))
DYED = [PART_ID[name] for name in (
    "hat", "hair", "upper-clothes", "dress", "coat", "socks", "pants", "scarf", "skirt", "left-shoe", "right-shoe",
)] + [BAG]  # fmt: skip
"""Regions that come in any colour."""
WOVEN = [PART_ID[name] for name in ("upper-clothes", "dress", "coat", "pants", "scarf", "skirt")]
"""Regions that come in any fabric."""


def dye(rng: np.random.Generator, view: View) -> View:
    """Garments, bags and hair in other colours; hair stays near what hair is."""
    lab = cv2.cvtColor(view.colours, cv2.COLOR_RGB2LAB).astype(np.float32)
    for label in np.unique(view.labels):
        if label not in DYED or rng.random() > 0.6:
            continue
        here = view.labels == label
        tones = lab[here]
        mean = tones.mean(0)
        shift = rng.uniform((-70, -40, -40), (70, 40, 40))
        if label == HAIR:
            shift *= (1.1, 0.25, 0.4)
        lab[here] = (tones - mean) * rng.uniform(0.6, 1.3) + np.clip(mean + shift, (20, 70, 70), (240, 190, 190))
    return replace(view, colours=cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB))


def reclothe(rng: np.random.Generator, view: View, owner: Person) -> View:
    """One garment in somebody else's fabric, its folds kept: what it is, its shape tells rather than its pattern."""
    worn = [label for label in WOVEN if np.count_nonzero(view.labels == label) > 200]
    if not worn:
        return view
    here = view.labels == rng.choice(worn)
    fabrics = [label for label in WOVEN if np.count_nonzero(owner.half_labels == label) > 300]
    if not fabrics:
        return view
    rows, columns = np.nonzero(owner.half_labels == rng.choice(fabrics))
    middle, reach = (int(np.median(rows)), int(np.median(columns))), int(rng.uniform(8, 30))
    top, left = max(0, middle[0] - reach), max(0, middle[1] - reach)
    swatch = owner.half_photo[top : top + 2 * reach, left : left + 2 * reach]
    side = max(8, int(rng.uniform(0.1, 0.6) * view.size[1]))
    swatch = cv2.resize(swatch, (side, side))
    tile = np.concatenate(
        [np.concatenate([swatch, swatch[:, ::-1]], 1), np.concatenate([swatch[::-1], swatch[::-1, ::-1]], 1)]
    )
    times = -(-max(view.size) // tile.shape[0])
    fabric = np.tile(tile, (times, times, 1))[: view.size[1], : view.size[0]].astype(np.float32)
    grey = cv2.GaussianBlur(cv2.cvtColor(view.colours, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.5)
    folds = np.clip(grey / max(float(grey[here].mean()), 8.0), 0.3, 2.0)[..., None]
    dressed = np.where(here[..., None], np.clip(fabric * folds, 0, 255), view.colours)
    return replace(view, colours=dressed.astype(np.uint8))


def shave(rng: np.random.Generator, view: View) -> View:
    """Short hair painted in the colour of the skin and labelled as face: the photos show no bald heads."""
    eyes = view.landmarks[[LEFT_EYE, RIGHT_EYE], :2].mean(0)
    mouth = view.landmarks[[MOUTH_LEFT, MOUTH_RIGHT], :2].mean(0)
    up = eyes - mouth
    head = float(np.linalg.norm(up))
    hair, face = view.labels == HAIR, view.labels == FACE
    if head < 5 or min(hair.sum(), face.sum()) < 60 or (view.labels == HAT).any():
        return view
    rows, columns = np.nonzero(hair)
    along = ((columns - mouth[0]) * up[0] + (rows - mouth[1]) * up[1]) / head
    if np.mean((along < 0.3 * head) | (along > 3.2 * head)) > 0.06:  # long or piled up
        return view
    colours = view.colours.astype(np.float32)
    strands = colours[hair]
    shade = cv2.GaussianBlur(colours, (0, 0), max(1.0, head * 0.25))[hair]
    skin = np.median(colours[face], 0) * rng.uniform(0.9, 1.08)
    painted = colours.copy()
    painted[hair] = skin + 0.2 * (shade - shade.mean(0)) + rng.uniform(0, 0.03) * (strands - strands.mean(0))
    alpha = cv2.GaussianBlur(hair.astype(np.float32), (0, 0), 1.2)[..., None]
    mixed = np.clip(painted * alpha + colours * (1 - alpha), 0, 255).astype(np.uint8)
    return replace(view, colours=mixed, labels=np.where(hair, np.uint8(FACE), view.labels))


def put_on_glasses(rng: np.random.Generator, view: View) -> View:
    """Drawn glasses, dark or clear, labelled as `sunglasses`."""
    width, height = view.size
    right, left = view.landmarks[[RIGHT_EYE, LEFT_EYE], :2]
    apart = float(np.linalg.norm(left - right))
    middle = (left + right) / 2
    if apart < 6 or not ((middle > 0) & (middle < (width, height))).all() or (view.labels == GLASSES).any():
        return view
    angle = float(np.rad2deg(np.arctan2(*(left - right)[::-1])))
    radii = (apart * rng.uniform((0.36, 0.24), (0.5, 0.45))).round().astype(int)
    colour = rng.integers(0, 90, 3).tolist()
    rim = max(1, int(apart * rng.uniform(0.03, 0.12)))
    lenses, worn = view.colours.copy(), np.zeros((height, width), np.uint8)
    places = [(tuple(eye.round().astype(int).tolist()), tuple(np.maximum(radii, 1).tolist())) for eye in (left, right)]
    for centre, axes in places:
        cv2.ellipse(lenses, centre, axes, angle, 0, 360, colour, -1)
        cv2.ellipse(worn, centre, axes, angle, 0, 360, 1, -1)
    opacity = float(rng.choice((0.0, 0.15, 0.6, 0.85, 1.0)))
    colours = cv2.addWeighted(lenses, opacity, view.colours, 1 - opacity, 0)
    for centre, axes in places:
        cv2.ellipse(colours, centre, axes, angle, 0, 360, colour, rim)
        cv2.ellipse(worn, centre, axes, angle, 0, 360, 1, rim)
    cv2.line(colours, places[0][0], places[1][0], colour, rim)
    on_person = (worn > 0) & (view.labels > 0) & (view.labels != HAT)
    return replace(view, colours=colours, labels=np.where(on_person, np.uint8(GLASSES), view.labels))


def relight(rng: np.random.Generator, view: View) -> NDArray[np.uint8]:
    """The colours as another camera in another light takes them."""
    colours = view.colours.astype(np.float32)
    kind = rng.random()
    if kind < 0.08:
        colours = _against_the_light(rng, colours, view.labels > 0)
    elif kind < 0.16:
        colours = _at_night(rng, colours)
    elif kind < 0.26:  # tungsten: much red, little blue
        colours *= rng.uniform((1.0, 0.75, 0.4), (1.3, 0.95, 0.75)).astype(np.float32)
    if rng.random() < 0.85:
        colours *= rng.uniform(0.6, 1.4)
        grey = colours.mean(2, keepdims=True)
        colours = grey + (colours - grey) * rng.uniform(0.4, 1.4)
        mean = colours.mean()
        tint = rng.uniform(0.87, 1.13, 3).astype(np.float32)
        colours = (mean + (colours - mean) * rng.uniform(0.65, 1.35)) * tint
    if rng.random() < 0.07:
        tint = rng.uniform(0.85, 1.1, 3).astype(np.float32)
        colours = colours.mean(2, keepdims=True) * tint
    colours = np.clip(colours, 0, 255)
    if rng.random() < 0.25:
        colours = 255 * (colours / 255) ** np.float32(rng.uniform(0.6, 1.6))
    return _as_taken(rng, np.asarray(colours, np.float32))


def _against_the_light(
    rng: np.random.Generator, colours: NDArray[np.float32], person: NDArray[np.bool_]
) -> NDArray[np.float32]:
    soft = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 2)[..., None]
    return np.asarray(
        colours * (soft * rng.uniform(0.25, 0.6) + (1 - soft) * rng.uniform(1.1, 1.7)) + rng.uniform(0, 30), np.float32
    )


def _at_night(rng: np.random.Generator, colours: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = colours.shape[:2]
    x, y = rng.uniform(0, 1, 2) * (width, height)
    rows, columns = np.ogrid[:height, :width]
    fade = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * (rng.uniform(0.5, 1.5) * height) ** 2))[..., None]
    dark = colours * (rng.uniform(0.15, 0.4) + rng.uniform(0.3, 0.8) * fade)
    return np.asarray(dark + rng.normal(0, rng.uniform(2, 10), colours.shape), np.float32)


def _as_taken(rng: np.random.Generator, colours: NDArray[np.float32]) -> NDArray[np.uint8]:
    height, width = colours.shape[:2]
    kind = rng.random()
    if kind < 0.12:
        colours = cv2.GaussianBlur(colours, (0, 0), rng.uniform(0.4, 1.6))
    elif kind < 0.3:
        factor = rng.uniform(0.25, 0.7)
        small = cv2.resize(colours, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        colours = cv2.resize(small, (width, height))
    if rng.random() < 0.25:
        colours = colours + rng.normal(0, rng.uniform(2, 14), (height, width, 1))
    taken = np.clip(colours, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        taken = cv2.imdecode(cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])[1], 1)
    return np.asarray(taken, np.uint8)
