"""How many faces are found, how many are none, and how well their vectors tell people apart (embedded engine)."""

import csv
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.faces.face import Face
from mien.faces.finder import FaceFinder
from mien.parsing.engines import create_parser
from mien.parsing.parse import Parse
from mien.photo.photo import Photo
from mien.photo.reading import read_photo
from tests.faces.scenes import parse as scene
from tests.faces.scenes import photo

pytestmark = pytest.mark.quality

SAME = 0.6  # dlib's distance
LEFT_EYE, RIGHT_EYE = 1, 2  # COCO's keypoints; 0 is the nose
USABLE_STEPS = (0, 0.01, 0.2, 0.5, 0.8, 1.01)


@dataclass(frozen=True)
class Seen:
    """One photo with its figures' faces."""

    photo: Photo
    parse: Parse
    faces: tuple[Face | None, ...]
    seconds: float  # of the finder alone

    @property
    def found(self) -> list[Face]:
        return [face for face in self.faces if face is not None]

    def hits(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points (n, 2), px of the full-size photo, lie in exactly one face."""
        size = self.photo.metadata.width, self.photo.metadata.height
        boxes = np.array([face.box for face in self.found]).reshape(-1, 1, 4)
        inside = ((points / size >= boxes[..., :2]) & (points / size <= boxes[..., 2:])).all(2)
        return np.asarray(inside.sum(0) == 1)


class Engine:
    """The chain from a file to its faces."""

    def __init__(self) -> None:
        self.parser, self.finder = create_parser("lite"), FaceFinder()

    def see(self, source: Path | NDArray[np.uint8]) -> Seen:
        picture = read_photo(source) if isinstance(source, Path) else photo(source)
        parsed = self.parser.parse(picture.pixels)
        start = time.perf_counter()
        faces = self.finder.find(picture, parsed)
        return Seen(picture, parsed, faces, time.perf_counter() - start)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def portraits(engine: Engine, quality_data: Path) -> dict[str, tuple[dict[str, str], Seen]]:
    """File name → its row in `labels.csv`, and what was seen."""
    with (quality_data / "people" / "labels.csv").open(newline="") as table:
        return {row["file"]: (row, engine.see(quality_data / "people" / row["file"])) for row in csv.DictReader(table)}


@pytest.fixture(scope="module")
def everyday(engine: Engine, quality_data: Path) -> dict[str, Seen]:
    folder = quality_data / "coco_mini" / "images"
    return {path.name: engine.see(path) for path in sorted(folder.glob("*.jpg"))}


def test_faces_in_labelled_groups(portraits: dict[str, tuple[dict[str, str], Seen]]) -> None:
    labelled: dict[str, list[bool]] = defaultdict(list)
    extra = 0
    for row, seen in portraits.values():
        if not row["nose_points"]:
            continue
        noses = np.array([[float(v) for v in point.split(",")] for point in row["nose_points"].split("|")])
        hits = seen.hits(noses)
        labelled[row["source"]] += hits.tolist()
        extra += len(seen.found) - int(hits.sum())
    for source, hits in labelled.items():
        print(f"\n{source}: {sum(hits)} of {len(hits)} labelled faces found, {extra} faces beside them", end="")
        assert np.mean(hits) >= 0.9


def test_single_portraits(portraits: dict[str, tuple[dict[str, str], Seen]]) -> None:
    single = [seen for row, seen in portraits.values() if row["n_faces"] == "1"]
    right = sum(len(seen.found) == 1 for seen in single)
    print(f"\nportraits of one person: {right} of {len(single)} have exactly one face", end="")
    assert right >= 0.95 * len(single)


def test_faces_of_everyday_photos(everyday: dict[str, Seen], quality_data: Path) -> None:
    """Visible noses and eyes of COCO's keypoints, by the distance of the eyes in px."""
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for name, points in _visible_faces(quality_data / "coco_mini" / "annotations"):
        seen, nose = everyday[name], points[:1].astype(float)
        size = seen.photo.metadata.width, seen.photo.metadata.height
        boxes = seen.parse.boxes
        in_figure = bool(((nose / size >= boxes[:, :2]) & (nose / size <= boxes[:, 2:])).all(1).any())
        eyes = float(np.linalg.norm(points[LEFT_EYE] - points[RIGHT_EYE]))
        step = "below 4" if eyes < 4 else "4 to 8" if eyes < 8 else "8 to 16" if eyes < 16 else "16 and more"
        found[step].append((bool(seen.hits(nose)[0]), in_figure))
    for step, rows in sorted(found.items()):
        hits, figures = np.array(rows).T
        print(f"\neyes {step} px apart: {hits.sum()} of {len(hits)} found, {figures.sum()} in a figure's box", end="")
    assert np.mean([hit for hit, _ in found["16 and more"]]) >= 0.9
    assert np.mean([hit for hit, _ in found["8 to 16"]]) >= 0.75


def _visible_faces(folder: Path) -> list[tuple[str, NDArray[np.int64]]]:
    """File name and nose and eyes (3, 2) of everybody whose nose and eyes COCO marks as visible."""
    faces = []
    for file in sorted(folder.glob("person_keypoints_*.json")):
        for person in json.loads(file.read_text())["annotations"]:
            points = np.array(person["keypoints"]).reshape(-1, 3)
            if not person["iscrowd"] and (points[:3, 2] == 2).all():
                faces.append((f"{person['image_id']:012d}.jpg", points[:3, :2]))
    present = {path.name for path in folder.parent.joinpath("images").iterdir()}
    return [face for face in faces if face[0] in present]


def test_no_faces_where_nobody_is(everyday: dict[str, Seen], quality_data: Path) -> None:
    with (quality_data / "coco_mini" / "labels.csv").open(newline="") as table:
        empty = [Path(row["file"]).name for row in csv.DictReader(table) if not row["ann_id"]]
    faces = [face for name in empty for face in everyday[name].found]
    usable = sum(face.quality.usable >= 0.1 for face in faces)
    print(f"\n{len(empty)} photos without people: {len(faces)} faces, {usable} of them usable", end="")
    assert len(faces) <= 0.05 * len(empty)
    assert usable == 0


@pytest.mark.parametrize("size", [0.9, 1.0, 1.1, 1.2, 1.3])
def test_faces_that_fill_the_photo(
    engine: Engine, portraits: dict[str, tuple[dict[str, str], Seen]], size: float
) -> None:
    """Faces cut out at `size` times their box (forehead to chin), a little beside the middle."""
    rng = np.random.default_rng(0)
    figures = faces = same = total = 0
    for _, seen in portraits.values():
        height, width = seen.photo.pixels.shape[:2]
        for face in seen.found:
            if face.quality.size < 15 or face.quality.usable < 0.3:
                continue
            low, high = face.box[:2] * (width, height), face.box[2:] * (width, height)
            middle = (low + high) / 2 + rng.uniform(-0.05, 0.05, 2) * (high - low)
            x0, y0 = np.clip(middle - (high - low) * size / 2, 0, (width, height)).astype(int)
            x1, y1 = np.clip(middle + (high - low) * size / 2, 0, (width, height)).astype(int)
            crop = engine.see(np.ascontiguousarray(seen.photo.pixels[y0:y1, x0:x1]))
            total += 1
            figures += len(crop.parse) > 0
            faces += len(crop.found) > 0
            same += any(np.linalg.norm(other.vector - face.vector) < SAME for other in crop.found)
    print(f"\ncrops at {size} of the face: {faces} of {total} have a face, {figures} a figure, {same} known", end="")
    assert faces >= 0.98 * total
    assert same >= 0.98 * total


def test_verification_on_labelled_pairs(portraits: dict[str, tuple[dict[str, str], Seen]], quality_data: Path) -> None:
    with (quality_data / "people" / "deepface_pairs.csv").open(newline="") as table:
        pairs = [
            (row["file_x"].strip(), row["file_y"].strip(), row["Decision"] == "Yes") for row in csv.DictReader(table)
        ]
    vectors = {}
    for name in {name for pair in pairs for name in pair[:2]}:
        found = portraits[f"deepface/{name}"][1].found
        vectors[name] = max(found, key=lambda face: face.quality.size).vector if found else np.full(128, np.nan)
    distances = np.array([np.linalg.norm(vectors[a] - vectors[b]) for a, b, _ in pairs])
    same = np.array([pair[2] for pair in pairs])
    right = int(((distances < SAME) == same).sum())
    print(
        f"\npairs: {right} of {len(pairs)} right at {SAME}; one person {distances[same].mean():.3f} on average, "
        f"at most {distances[same].max():.3f}; two people at least {distances[~same].min():.3f}",
        end="",
    )
    assert right >= 0.99 * len(pairs)


def test_what_usable_promises(engine: Engine, portraits: dict[str, tuple[dict[str, str], Seen]]) -> None:
    """The same faces smaller and blurred: how far their vectors move, by `usable`."""
    moved: dict[int, list[float]] = defaultdict(list)
    for name, (_, seen) in portraits.items():
        if not name.startswith("deepface/") or len(seen.found) != 1 or seen.found[0].quality.usable < 0.9:
            continue
        pixels, original = seen.photo.pixels, seen.found[0]
        eyes = original.quality.size * pixels.shape[1] / seen.photo.metadata.width
        for distance in (6, 9, 13, 20, 32):
            small = cv2.resize(pixels, None, fx=distance / eyes, fy=distance / eyes, interpolation=cv2.INTER_AREA)
            for blur in (0.0, 1.0, 2.0, 3.0):
                image = np.asarray(cv2.GaussianBlur(small, (0, 0), blur) if blur else small, np.uint8)
                (face,) = engine.finder.find(photo(image), scene(image, (0, 0, 1, 1)))
                if face is not None:
                    step = int(np.digitize(face.quality.usable, USABLE_STEPS))
                    moved[step].append(float(np.linalg.norm(face.vector - original.vector)))
    means = []
    for step, values in sorted(moved.items()):
        low, high = USABLE_STEPS[step - 1], min(USABLE_STEPS[step], 1)
        p90 = np.percentile(values, 90)
        means.append(np.mean(values))
        print(f"\nusable {low}–{high}: n {len(values)}, vector moved by {means[-1]:.2f}, 90 % below {p90:.2f}", end="")
    assert means == sorted(means, reverse=True)
    assert means[0] > SAME > 2 * means[-1]


def test_cost(everyday: dict[str, Seen]) -> None:
    figures = sum(len(seen.parse) for seen in everyday.values())
    faces = sum(len(seen.found) for seen in everyday.values())
    seconds = sum(seen.seconds for seen in everyday.values())
    print(f"\n{len(everyday)} photos: {figures} figures, {faces} faces, {1000 * seconds / figures:.0f} ms per figure")
    assert faces
