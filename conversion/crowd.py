"""`python -m conversion.crowd CCP_DIR OUT.npy`: makes `people/crowd.npy` again from Clothing Co-Parsing's photos.

CCP_DIR holds `labels.csv` (columns `file`, `split`) and the photos. The well-seen faces of the training split are
found and described by Mien's own chain, whoever is seen more than once counts once, and the centres of eight clusters
(k-means) of these vectors are kept: each is the mean of dozens of people, and nobody's own vector.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.people.evidence import SHARP
from mien.people.linkage import Clusters, link
from mien.photo.reading import read_photo

CENTRES = 8
REPEATED = 0.38**2
"""Mean squared distance at which faces count as one person's; errors here only thin the crowd out."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m conversion.crowd", description=__doc__)
    parser.add_argument("photos", type=Path, metavar="CCP_DIR")
    parser.add_argument("out", type=Path, metavar="OUT.npy")
    options = parser.parse_args()
    with (options.photos / "labels.csv").open(encoding="utf-8") as rows:
        files = [options.photos / row["file"] for row in csv.DictReader(rows) if row["split"] == "train"]
    np.save(options.out, centres(describe(files)))


def describe(files: list[Path]) -> NDArray[np.float32]:
    """The vectors of the well-seen faces in these photos: float32 (n, 128)."""
    parser, finder = LiteParser(), FaceFinder()
    vectors = []
    for file in files:
        photo = read_photo(file)
        faces = finder.find(photo, parser.parse(photo.pixels))
        vectors += [face.vector for face in faces if face is not None and face.quality.usable >= SHARP]
    return np.stack(vectors)


def centres(vectors: NDArray[np.float32]) -> NDArray[np.float16]:
    """The centres of `CENTRES` clusters of the people seen: float16 (8, 128)."""
    n = len(vectors)
    people = link(Clusters.of(vectors, np.ones(n), np.arange(n)), REPEATED).cluster
    means = Clusters.of(vectors, np.ones(n), np.unique(people, return_inverse=True)[1]).mean
    clusters = KMeans(CENTRES, n_init=10, random_state=0).fit(means)
    print(f"{n} faces of {len(means)} people; the smallest cluster has {np.bincount(clusters.labels_).min()}")
    return clusters.cluster_centers_.astype(np.float16)


if __name__ == "__main__":
    main()
