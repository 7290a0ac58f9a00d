"""Drawn photos of people whose every pixel is known: what the small network learns from, and is asked about."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import PART_ID

WIDTH, HEIGHT = 256, 192
MOST = 3  # people in a picture
FINE = 16  # coordinates are drawn in sixteenths of a px

Colour = tuple[int, int, int]
Points = list[tuple[float, float]]

SKINS = ((244, 208, 177), (224, 172, 134), (184, 125, 87), (120, 77, 52))
HAIRS = ((40, 28, 22), (86, 54, 32), (150, 106, 62), (190, 186, 182))


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture, uint8 (h, w, 3), and what it shows: figures, uint16 (h, w), 0 = nobody; parts, uint8 (h, w)."""

    pixels: NDArray[np.uint8]
    figures: NDArray[np.uint16]
    parts: NDArray[np.uint8]


def draw(seed: int, people: int | None = None) -> Drawn:
    """The picture of this seed; with so many people, or as many as come (0 to `MOST`)."""
    random = np.random.default_rng(seed)
    if people is None:
        people = int(random.integers(0, MOST + 1))
    drawn = Drawn(_background(random), np.zeros((HEIGHT, WIDTH), np.uint16), np.zeros((HEIGHT, WIDTH), np.uint8))
    places = (np.arange(people) + 0.5 + random.uniform(-0.2, 0.2, people)) * (WIDTH / max(1, people))
    for number, place in enumerate(random.permutation(places), 1):
        _Person(drawn, number, random, float(place)).draw()
    noise = cv2.GaussianBlur(random.normal(0, 12, drawn.pixels.shape).astype(np.float32), (0, 0), 0.7)
    noise += cv2.resize(random.normal(0, 10, (6, 8, 1)).astype(np.float32), (WIDTH, HEIGHT))[..., None]
    drawn.pixels[:] = np.clip(drawn.pixels + noise, 0, 255)
    return drawn


class _Person:
    """Somebody who stands, drawn in shares of their height: x from their middle, y from the top of their head."""

    def __init__(self, drawn: Drawn, number: int, random: np.random.Generator, x: float) -> None:
        self.drawn, self.number, self.random = drawn, number, random
        self.height = random.uniform(0.66, 0.9) * HEIGHT
        self.x, self.y = x, random.uniform(0.02, 0.98) * (HEIGHT - self.height)

    def draw(self) -> None:
        """From what lies behind to what lies in front."""
        random = self.random
        skin, hair = SKINS[random.integers(4)], HAIRS[random.integers(4)]
        top, bottom, shoes = self._cloth(), self._cloth(), self._cloth()
        upper = random.choice(["upper-clothes", "dress", "coat"], p=[0.5, 0.25, 0.25])
        lower = "skirt" if upper != "dress" and random.random() < 0.35 else "pants"
        if long := random.random() < 0.4:
            self._shape("hair", [(-0.075, 0.04), (0.075, 0.04), (0.085, 0.2), (-0.085, 0.2)], hair)
        self._legs(skin, bottom if upper != "dress" and lower == "pants" else None, shoes)
        if upper != "dress" and lower == "skirt":
            self._shape("skirt", [(-0.09, 0.46), (0.09, 0.46), (0.14, 0.68), (-0.14, 0.68)], bottom)
        self._arms(skin, top, str(upper), bare=bool(random.random() < 0.7))
        self._shape("torso-skin", [(-0.03, 0.12), (0.03, 0.12), (0.04, 0.19), (-0.04, 0.19)], skin)
        hem, wide = {"upper-clothes": (0.49, 0.1), "coat": (0.62, 0.125), "dress": (0.7, 0.17)}[str(upper)]
        body = [(-0.12, 0.18), (-0.05, 0.165), (0, 0.185), (0.05, 0.165), (0.12, 0.18), (wide, hem), (-wide, hem)]
        self._shape(str(upper), body, top)
        if upper == "coat":
            self._line(str(upper), (0, 0.19), (0, hem), 0.012, _darker(top))
        self._head(skin, hair, long)

    def _legs(self, skin: Colour, cloth: Colour | None, shoes: Colour) -> None:
        for side, name in ((1, "left"), (-1, "right")):
            foot = side * self.random.uniform(0.05, 0.12), 0.95
            self._line(f"{name}-leg", (side * 0.055, 0.5), foot, 0.07, skin)
            if cloth is not None:
                self._line("pants", (side * 0.055, 0.48), (foot[0], 0.92), 0.1, cloth)
            self._line(f"{name}-shoe", (foot[0], 0.965), (foot[0] + side * 0.035, 0.97), 0.06, shoes)
        if cloth is not None:
            self._shape("pants", [(-0.1, 0.46), (0.1, 0.46), (0.1, 0.54), (-0.1, 0.54)], cloth)

    def _arms(self, skin: Colour, cloth: Colour, top: str, *, bare: bool) -> None:
        for side, name in ((1, "left"), (-1, "right")):
            out, bent = self.random.uniform(0.05, 0.9), self.random.uniform(-0.2, 0.7)
            shoulder = side * 0.105, 0.21
            elbow = shoulder[0] + side * 0.15 * np.sin(out), shoulder[1] + 0.15 * np.cos(out)
            hand = elbow[0] + side * 0.17 * np.sin(out + bent), elbow[1] + 0.17 * np.cos(out + bent)
            self._line(f"{name}-arm", elbow, hand, 0.055, skin)
            sleeve = elbow if bare else tuple(np.array(elbow) + 0.7 * (np.array(hand) - elbow))
            self._line(top, shoulder, elbow, 0.07, cloth)
            self._line(top, elbow, sleeve, 0.07, cloth)

    def _head(self, skin: Colour, hair: Colour, long: bool) -> None:
        self._round("hair", (0, 0.075), (0.075, 0.075), hair)
        self._round("face", (0, 0.092), (0.056, 0.066), skin)
        for side in (-1, 1):
            self._round("face", (side * 0.022, 0.085), (0.008, 0.006), (30, 26, 24))
        self._line("face", (-0.018, 0.125), (0.018, 0.125), 0.008, (150, 60, 60))
        if self.random.random() < 0.25:
            cloth = self._cloth()
            self._shape("hat", [(-0.07, 0.05), (-0.06, -0.02), (0.06, -0.02), (0.07, 0.05)], cloth)
            self._line("hat", (-0.1, 0.05), (0.1, 0.05), 0.02, cloth)

    def _cloth(self) -> Colour:
        hue, colourful, bright = self.random.integers((0, 40, 50), (180, 256, 246))
        (((red, green, blue),),) = cv2.cvtColor(np.uint8([[[hue, colourful, bright]]]), cv2.COLOR_HSV2RGB)
        return int(red), int(green), int(blue)

    def _line(self, part: str, start: tuple[float, float], end: tuple[float, float], width: float, c: Colour) -> None:
        """With round ends."""
        (x0, y0), (x1, y1) = start, end
        length = max(1e-6, float(np.hypot(x1 - x0, y1 - y0)))
        across = (y0 - y1) / length * width / 2, (x1 - x0) / length * width / 2
        corners = [(x + sign * across[0], y + sign * across[1]) for sign in (1, -1) for x, y in (start, end)[::sign]]
        self._shape(part, corners, c)
        for end_ in (start, end):
            self._round(part, end_, (width / 2, width / 2), c)

    def _round(self, part: str, centre: tuple[float, float], radii: tuple[float, float], colour: Colour) -> None:
        turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        around = zip(centre[0] + radii[0] * np.cos(turn), centre[1] + radii[1] * np.sin(turn), strict=True)
        self._shape(part, list(around), colour)

    def _shape(self, part: str, corners: Points, colour: Colour) -> None:
        places = np.array(corners) * self.height + (self.x, self.y)
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillPoly(mask, [np.round(places * FINE).astype(np.int32)], 1, shift=4)
        inside = mask > 0
        self.drawn.pixels[inside] = colour
        self.drawn.figures[inside] = self.number
        self.drawn.parts[inside] = PART_ID[part]


def _darker(colour: Colour) -> Colour:
    red, green, blue = (value // 2 for value in colour)
    return red, green, blue


def _background(random: np.random.Generator) -> NDArray[np.uint8]:
    """Soft colours, a floor, and things that are nobody."""
    coarse = random.integers(60, 220, (3, 4, 3)).astype(np.uint8)
    pixels = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    pixels[int(random.uniform(0.6, 0.9) * HEIGHT) :] = random.integers(50, 200, 3)
    for _ in range(random.integers(0, 6)):
        colour = tuple(map(int, random.integers(20, 240, 3)))
        x, y = int(random.uniform(0, WIDTH)), int(random.uniform(0, HEIGHT))
        w, h = (int(side) for side in random.uniform(8, 70, 2))
        if random.random() < 0.5:
            cv2.rectangle(pixels, (x, y), (x + w, y + h), colour, -1)
        else:
            cv2.ellipse(pixels, (x, y), (w // 2, h // 2), 0, 0, 360, colour, -1)
    return pixels
