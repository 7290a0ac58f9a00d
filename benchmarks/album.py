"""Albums composed from free pictures, for benchmarks and the demo: `python -m benchmarks.album FOLDER`.

People: skimage's astronaut (NASA, public domain). Backgrounds: scikit-learn's sample photos (CC BY, see their READMEs).
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image

Pixels = NDArray[np.uint8]

TWELVE_MEGAPIXELS = (4000, 3000)
CUTOUT = (slice(0, 512), slice(10, 370))  # of the astronaut's photo: she stands on its left


def scene(size: tuple[int, int], people: int, seed: int) -> Pixels:
    """A landscape of (width, height) px with this many astronauts side by side; `seed` varies light and place."""
    random = np.random.default_rng(seed)
    width, height = size
    background = load_sample_image("china.jpg" if seed % 2 else "flower.jpg")
    image = np.asarray(cv2.resize(background, size, interpolation=cv2.INTER_CUBIC), np.uint8).copy()
    cutout = np.asarray(data.astronaut(), np.uint8)[CUTOUT]
    for i in range(people):
        tall = int(height * random.uniform(0.6, 0.8))
        wide = tall * cutout.shape[1] // cutout.shape[0]
        person = np.asarray(cv2.resize(cutout, (wide, tall), interpolation=cv2.INTER_CUBIC), np.uint8)
        if random.random() < 0.5:
            person = person[:, ::-1]
        middle = width * (i + 0.5) / people + random.uniform(-0.04, 0.04) * width
        left = int(np.clip(middle - wide / 2, 0, width - wide))
        image[height - tall :, left : left + wide] = person
    light = random.uniform(0.8, 1.15)
    grain = 3 * random.standard_normal((*image.shape[:2], 1), np.float32)
    return np.clip(image * np.float32(light) + grain, 0, 255).astype(np.uint8)


def compose(folder: Path, photos: int, people: int, size: tuple[int, int] = TWELVE_MEGAPIXELS) -> list[Path]:
    """Write `photos` JPEGs with `people` people each into `folder`, a day apart; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i in range(photos):
        taken = datetime.fromisoformat("2024-05-01T10:15:00") + timedelta(days=i)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
        path = folder / f"{people}-people-{i:04}.jpg"
        Image.fromarray(scene(size, people, seed=1000 * people + i)).save(path, quality=90, exif=exif)
        paths.append(path)
    return paths


if __name__ == "__main__":
    target = Path(sys.argv[1])
    for count in (0, 1, 2, 3):
        compose(target, photos=3, people=count, size=(1600, 1200))
