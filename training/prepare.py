"""Clothing Co-Parsing → one file per labelled person, with the pose that the engine sees."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG
from mien.vision.pose import PersonMasks, PoseEstimator
from training.labels import IGNORED, part_labels
from training.people import extent
from training.source import label_names, photos

SPLITS = ("train", "val")
LEAST = 2000  # labelled px; less is no person
PRESENT, COVERED = 0.3, 0.5  # a pose is believed from this presence and share of the labelled person in its mask


def prepare(data: Path, work: Path) -> dict[str, int]:
    """Write `work`/SPLIT/ID.npz for each photo of `data` (photos/, labels/, labels.csv, label_list.json).

    Each holds `photo` (JPEG), `labels` (PNG of `part_labels`), `mask` (PNG, the pose's person mask × 255),
    `landmarks` float32 (33, 3) in px of the photo, and `box` float64 (4,), px, around person and clothes without bags.

    Returns how many people each split has. Photos whose pose is not that of the labelled person are left out; they
    are listed in `work`/left_out.txt. Rows of other splits are never read.
    """
    names = label_names(data)
    poses, masks = PoseEstimator(), PersonMasks()
    counts = dict.fromkeys(SPLITS, 0)
    left_out = []
    for split in SPLITS:
        for file, pixels, labels in photos(data, split):
            shown = labels > 0
            if np.count_nonzero(shown) < LEAST:
                left_out.append(f"{file}: hardly anything is labelled")
                continue
            pose = poses(pixels, extent(shown))
            mask = _on_photo(masks(pose), pose.affine, labels.shape)
            covered = np.count_nonzero((mask > 127) & shown) / np.count_nonzero(shown)
            if pose.presence < PRESENT or covered < COVERED:
                left_out.append(f"{file}: pose of presence {pose.presence:.2f} covers {covered:.2f}")
                continue
            parts = part_labels(labels, names, pose.landmarks)
            folder = work / split
            folder.mkdir(parents=True, exist_ok=True)
            np.savez(
                folder / f"{Path(file).stem}.npz",
                photo=_encoded(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95]),
                labels=_encoded(".png", parts),
                mask=_encoded(".png", mask),
                landmarks=pose.landmarks,
                box=extent((parts > 0) & (parts != BAG) & (parts != IGNORED)),
            )
            counts[split] += 1
    (work / "left_out.txt").write_text("\n".join(left_out) + "\n", encoding="utf-8")
    return counts


def _on_photo(mask: NDArray[np.float32], affine: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.uint8]:
    moved = cv2.warpAffine(mask, cv2.invertAffineTransform(affine), shape[::-1])
    return (moved * 255).astype(np.uint8)


def _encoded(kind: str, picture: NDArray[np.uint8], options: list[int] | None = None) -> NDArray[np.uint8]:
    return np.asarray(cv2.imencode(kind, picture, options or [])[1])
