"""The album on the screenshots: only pictures that anybody may show, as they are and put together.

Montages stand in for photos of several people, and of one person several times, which none of these sources has.
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from mien.parsing.engines import create_parser

Pixels = NDArray[np.uint8]

HOPPER = "matplotlib/mpl-data/sample_data/grace_hopper.jpg"
HOPPER_SHA256 = "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130"

CREDITS = """\
# Whose photos the screenshots show

| photo | by | licence | from |
|---|---|---|---|
| astronaut Eileen Collins | NASA | public domain | scikit-image, `data.astronaut` |
| Commodore Grace Hopper | James S. Davis, U.S. Navy | public domain | matplotlib, `sample_data/grace_hopper.jpg` |
| photographer | Lav Varshney | CC0 | scikit-image, `data.camera` |
| rocket | SpaceX | CC0 | scikit-image, `data.rocket` |
| Hubble's deep field | NASA and STScI | public domain | scikit-image, `data.hubble_deep_field` |
| coffee | Rachel Michetti | CC0 | scikit-image, `data.coffee` |
| cat | Stéfan van der Walt | CC0 | scikit-image, `data.chelsea` |

Where Eileen Collins or Grace Hopper stands before a rocket or stars, the photo is a montage of these. All times are
made up, and so is the photographer's name.
"""

HELMET = (345, 375)
"""px (down, across) from where on the astronaut's helmet hides the rest of her."""

EDGE = 25
"""px across an outline within which the picture's colours tell what belongs to a person."""


def make(folder: Path) -> None:
    """Write the album into `folder`."""
    hopper = _hopper()
    astronaut, night, stars = data.astronaut(), data.rocket(), data.hubble_deep_field()
    grace, eileen = cut_out(hopper), cut_out(astronaut)[: HELMET[0], : HELMET[1]]
    album = {
        "2024-08-17T21:40": montage(night, (1200, 800), (eileen, 0.30, 0.62), (grace, 0.72, 0.66)),
        "2024-08-17T21:38": montage(night, (800, 1000), (eileen, 0.60, 0.50)),
        "2024-08-17T21:15": night,
        "2024-08-16T23:05": montage(stars, (1200, 800), (grace[:, ::-1], 0.30, 0.70), (eileen[:, ::-1], 0.70, 0.66)),
        "2024-07-20T11:30": astronaut,
        "2024-07-20T10:15": hopper,
        "2024-07-19T22:20": montage(stars, (1200, 800), (eileen[:, ::-1], 0.36, 0.75)),
        "2024-07-18T20:55": montage(night, (800, 1000), (grace, 0.40, 0.50)),
        "2024-07-06T16:20": data.camera(),
        "2024-06-21T23:50": stars,
        "2024-06-09T15:00": data.coffee(),
        "2024-06-09T14:10": data.chelsea(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for taken, pixels in album.items():
        time = datetime.fromisoformat(taken)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = f"{time:%Y:%m:%d %H:%M:%S}"
        Image.fromarray(pixels).save(folder / f"IMG_{time:%Y%m%d_%H%M%S}.jpg", quality=92, exif=exif)


def _hopper() -> Pixels:
    """matplotlib ships her portrait; of its wheel, nothing else is used."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "matplotlib==3.10.*", "--dest", folder], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            jpeg = wheel.read(HOPPER)
    if hashlib.sha256(jpeg).hexdigest() != HOPPER_SHA256:
        raise ValueError("matplotlib ships another photo under this name: look at it before it is shown")
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), np.uint8)


def cut_out(pixels: Pixels) -> Pixels:
    """The first person in a picture, RGBA. Rother et al., GrabCut, 2004, decides along the parser's outline."""
    body = cv2.resize(
        create_parser("lite").parse(pixels).mask(0).astype(np.uint8),
        pixels.shape[1::-1],
        interpolation=cv2.INTER_NEAREST,
    )
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (EDGE, EDGE))
    known = np.where(body > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    known[cv2.erode(body, around) > 0] = cv2.GC_FGD
    known[cv2.dilate(body, around) == 0] = cv2.GC_BGD
    model = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(np.ascontiguousarray(pixels[..., ::-1]), known, None, *model, 5, cv2.GC_INIT_WITH_MASK)
    person = np.isin(known, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    _, pieces, statistics, _ = cv2.connectedComponentsWithStats(person)
    person = (pieces == 1 + np.argmax(statistics[1:, cv2.CC_STAT_AREA])).astype(np.uint8)
    person = cv2.erode(cv2.morphologyEx(person, cv2.MORPH_CLOSE, around), np.ones((3, 3), np.uint8))
    opacity = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 1.2)
    return np.dstack([pixels, (opacity * 255).astype(np.uint8)])


def montage(ground: Pixels, size: tuple[int, int], *people: tuple[Pixels, float, float]) -> Pixels:
    """People before `ground`, cropped to (width, height) px: each a cut-out, its middle and height (0–1 of these)."""
    width, height = size
    scale = max(width / ground.shape[1], height / ground.shape[0])
    picture = cv2.resize(ground, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    picture = picture[top : top + height, left : left + width].astype(np.float32)
    for person, middle, share in people:
        tall = int(height * share)
        wide = tall * person.shape[1] // person.shape[0]
        pixels = cv2.resize(person, (wide, tall), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        left = int(middle * width - wide / 2)
        opacity = pixels[..., 3:] / 255
        place = picture[height - tall :, left : left + wide]
        place[:] = place * (1 - opacity) + pixels[..., :3] * opacity
    return np.clip(picture, 0, 255).astype(np.uint8)
