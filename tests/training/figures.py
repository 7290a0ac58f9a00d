"""People made of blocks, for tests of the training package."""

import cv2
import numpy as np
from training.people import Person

from mien.parsing.parse import BAG, PART_ID

WIDTH, HEIGHT = 160, 240
BLOCKS = {
    "hair": (70, 22, 90, 30),
    "face": (70, 30, 90, 50),
    "upper-clothes": (60, 55, 100, 110),
    "right-arm": (45, 55, 58, 115),
    "left-arm": (102, 55, 115, 115),
    "pants": (60, 110, 100, 190),
    "right-shoe": (60, 195, 78, 205),
    "left-shoe": (82, 195, 100, 205),
}
"""Of each part: x0, y0, x1, y1. The figure faces the camera: its right is on the left."""
JOINTS = {
    0: (80, 42), 2: (84, 38), 5: (76, 38), 9: (83, 46), 10: (77, 46), 11: (104, 60), 12: (56, 60), 13: (108, 85),
    14: (52, 85), 15: (108, 105), 16: (52, 105), 19: (108, 112), 20: (52, 112), 23: (90, 112), 24: (70, 112),
    25: (90, 150), 26: (70, 150), 27: (90, 190), 28: (70, 190), 31: (92, 202), 32: (68, 202),
}  # fmt: skip


def figure(name: str = "figure", bag: bool = False, ground: tuple[int, int, int] = (60, 140, 60)) -> Person:
    """Somebody in blocks, on grass; every part has a colour of its own."""
    photo = np.full((HEIGHT, WIDTH, 3), ground, np.uint8)
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for part, (x0, y0, x1, y1) in BLOCKS.items():
        labels[y0:y1, x0:x1] = PART_ID[part]
        photo[y0:y1, x0:x1] = (10 * PART_ID[part], 255 - 10 * PART_ID[part], 128)
    if bag:
        labels[120:150, 110:130], photo[120:150, 110:130] = BAG, (200, 10, 10)
    landmarks = np.zeros((33, 3), np.float32)
    landmarks[:, :2] = (80, 80)
    for joint, place in JOINTS.items():
        landmarks[joint] = (*place, 1.0)
    half = (WIDTH // 2, HEIGHT // 2)
    return Person(
        name=name,
        photo=photo,
        labels=labels,
        half_photo=cv2.resize(photo, half, interpolation=cv2.INTER_AREA),
        half_labels=cv2.resize(labels, half, interpolation=cv2.INTER_NEAREST),
        mask=(labels > 0).astype(np.uint8) * 255,
        landmarks=landmarks,
        box=np.array([45.0, 22.0, 115.0, 205.0]),
    )


def store(person: Person, folder) -> None:
    """As `prepare` writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(
        folder / f"{person.name}.npz",
        photo=cv2.imencode(".png", person.photo[:, :, ::-1])[1],
        labels=cv2.imencode(".png", person.labels)[1],
        mask=cv2.imencode(".png", person.mask)[1],
        landmarks=person.landmarks,
        box=person.box,
    )
