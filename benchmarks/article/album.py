"""The article's album: sends photos to the parsing service, makes people of the masks, and clusters them.

    python -m benchmarks.article.album URL PHOTO…

Prints one line of JSON: `Found`. k-means sees at most `SAMPLE` px of a region, as `mien.traits.article` does; the
article's own sees all of them and takes longer.
"""

import base64
import dataclasses
import json
import re
import sys
import time
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from benchmarks.article_instances import article_instances
from mien.people.anchors import GRID, Anchor
from mien.people.article import group_article
from mien.people.sighting import Sighting
from mien.traits.article import FEATURES, GREY, LIMBS, LOWER, UPPER
from mien.traits.regions import SHOES, ids

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SAMPLE = 2000


@dataclass(frozen=True)
class Found:
    """What the album made of the photos, and the seconds it took over all of them.

    `parse`: the service's networks; `masks`: all else until the masks are decoded (reading the photo, enlarging, PNG,
    base64, JSON, HTTP); `features`: making instances, colours, attributes; `cluster`: DBSCAN.
    """

    photos: int
    figures: int
    people: int
    parse: float
    masks: float
    features: float
    cluster: float


def album(url: str, paths: Sequence[Path]) -> Found:
    """The article's whole way from files to people, one photo after the other. Raises `OSError` if a parse fails."""
    sightings: list[Sighting] = []
    seconds = {"parse": 0.0, "masks": 0.0, "features": 0.0}
    for position, path in enumerate(paths):
        started = time.perf_counter()
        data = path.read_bytes()
        categories, masks, parsed = predict(url, data, path.name)
        received = time.perf_counter()
        pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        for number, instance in enumerate(article_instances(masks)):
            row = instance_features(pixels, [categories[i] for i in instance], [masks[i] for i in instance])
            place = Anchor(str(position), (0.0, 0.0, 1.0, 1.0), bytes(GRID * GRID // 8))  # not looked at
            sightings.append(Sighting(f"{position}-{number}", place, article=row))
        seconds["parse"] += parsed
        seconds["masks"] += received - started - parsed
        seconds["features"] += time.perf_counter() - received
    started = time.perf_counter()
    people = len(group_article(sightings).people)
    return Found(len(paths), len(sightings), people, **seconds, cluster=time.perf_counter() - started)


def predict(url: str, photo: bytes, name: str) -> tuple[list[int], list[Mask], float]:
    """Ask the service: the part and the mask (bool, the photo's size) of each answer, and its seconds of parsing."""
    boundary = "mien-benchmark-7MA4YWxkTrZu0gW"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'
    body = head.encode() + photo + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/predict", body, kind)) as response:
        took = re.search(r"parse;dur=([\d.]+)", response.headers.get("Server-Timing", ""))
        answer: dict[str, Any] = json.load(response)
    found = answer["masks"]
    return [m["category_id"] for m in found], [unpack(m["mask"]) for m in found], float(took[1]) / 1000 if took else 0.0


def unpack(encoded: str) -> Mask:
    """A base64 PNG with one channel → bool (h, w)."""
    data = np.frombuffer(base64.b64decode(encoded), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)) > 0


def instance_features(pixels: Pixels, categories: Sequence[int], masks: Sequence[Mask]) -> NDArray[np.float64]:
    """The 15 numbers of `mien.traits.article.FEATURES`, from plain masks alone: a part is worn if it has a mask.

    Args:
        pixels: uint8 (h, w, 3), sRGB.
        categories, masks: the instance's parts (CIHP ids) and where they are, bool (h, w) each.
    """

    def has(*names: str) -> float:
        return float(any(part in categories for part in ids(*names)))

    def union(parts: Iterable[int]) -> Mask:
        chosen = [mask for part, mask in zip(categories, masks, strict=True) if part in parts]
        return np.logical_or.reduce(chosen) if chosen else np.zeros(pixels.shape[:2], np.bool_)

    body = np.logical_or.reduce(masks)
    upper = union(UPPER)
    rows, columns = np.flatnonzero(body.any(1)), np.flatnonzero(body.any(0))
    height, width = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
    area = np.count_nonzero(body)
    row = [
        *dominant_colour(pixels[upper]),
        *dominant_colour(pixels[union(LOWER)]),
        has("hat"),
        has("sunglasses"),
        has("skirt", "dress"),
        float(any(part in categories for part in SHOES)),
        has("skirt", "dress"),  # a feminine style, as far as masks tell
        height / len(pixels),
        width / height,
        np.count_nonzero(upper) / area,
        np.count_nonzero(union(LIMBS)) / area,
    ]
    assert len(row) == len(FEATURES)
    return np.array(row, np.float64)


def dominant_colour(pixels: Pixels) -> tuple[float, ...]:
    """The largest of three k-means clusters of sRGB px, uint8 (n, 3); grey where there are none."""
    if not len(pixels):
        return GREY
    pixels = pixels[:: max(1, len(pixels) // SAMPLE)]
    clusters = min(3, len(np.unique(pixels, axis=0)))
    fitted = KMeans(clusters, n_init=1, random_state=0).fit(pixels.astype(np.float64))
    return tuple(fitted.cluster_centers_[np.bincount(fitted.labels_).argmax()].tolist())


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(album(sys.argv[1], [Path(path) for path in sys.argv[2:]]))))
