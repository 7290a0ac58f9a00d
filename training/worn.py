"""What somebody wears at all: a linear reading of the encoder's features, fitted once the network is trained.

The part network asks of each pixel what it is, and mistakes a skirt for pants pixel by pixel. What its encoder sees of
the whole person tells them apart better; learnt along with the pixels it would be learnt by heart, so it is fitted
afterwards, to the finished network, and held short (ridge).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional

from mien.parsing.lite.network import CROPS
from mien.parsing.parse import BAG, PART_ID
from training.labels import IGNORED
from training.network import LABELS, PartNetwork, load
from training.people import Person, load_people
from training.samples import Sampler, as_the_engine_sees

TOLD = (*(PART_ID[name] for name in (
    "hat", "hair", "glove", "sunglasses", "upper-clothes", "dress", "coat", "socks", "pants", "scarf", "skirt",
)), BAG)  # fmt: skip
"""Labels of which this says whether they occur; the others (skin, shoes) are labelled by the pose."""

_REGIONS = (
    ("hat", "hair", "sunglasses", "face"),
    ("upper-clothes", "dress", "coat", "torso-skin", "scarf", "left-arm", "right-arm"),
    ("hat", "dress", "coat", "socks", "pants", "skirt", "left-leg", "right-leg"),
    ("socks", "left-leg", "right-leg", "left-shoe", "right-shoe"),
)
"""Parts that lie where something of a kind is worn: head, upper body, lower body, feet; and then the whole person."""
_LEVELS = 2  # the encoder's coarsest, which know things rather than textures
_SOME = 0.01  # share of the crop, of which a region's mean is drawn towards 0 when it is as small

OCCURS = 40  # px of a label in a crop, from which it occurs there
VIEWS = 2  # random samples beside each person as the engine sees them, and as a mirror does
STRENGTH = 5e-4  # inverse of the ridge's weight, of standardised features


class Worn(nn.Module):
    """Logits (n, `LABELS`) of which labels occur, from what a `PartNetwork` sees."""

    def __init__(self, network: PartNetwork) -> None:
        super().__init__()
        self.channels = network.channels[-_LEVELS:]
        self.read = nn.Linear(2 * (len(_REGIONS) + 1) * sum(self.channels), LABELS)
        regions = torch.zeros(len(_REGIONS) + 1, LABELS)
        for row, parts in zip(regions, _REGIONS, strict=False):
            row[[PART_ID[part] for part in parts]] = 1
        regions[-1, 1:BAG] = 1
        self.register_buffer("regions", regions, persistent=False)

    def forward(self, logits: Tensor, levels: list[Tensor]) -> Tensor:
        return self.read(self.pool(logits, levels))

    def pool(self, logits: Tensor, levels: list[Tensor]) -> Tensor:
        """Mean and maximum of the features over each region of the body.

        Args:
            logits: (n, `LABELS`, h/2, w/2).
            levels: the encoder's, down to h/32 × w/32.
        """
        shares = functional.avg_pool2d(logits, 8).softmax(1)
        pooled = []
        for number, features in enumerate(levels[-_LEVELS:]):
            if number:
                shares = functional.avg_pool2d(shares, 2)
            weights = (self.regions @ shares.flatten(2)).unflatten(2, shares.shape[2:])
            here = features[:, None] * weights[:, :, None]
            pooled += [here.mean((3, 4)) / (weights.mean((2, 3))[..., None] + _SOME), here.amax((3, 4))]
        return torch.cat([part.flatten(1) for part in pooled], 1)


class Complete(nn.Module):
    """What ships: logits (n, `LABELS`, h, w) of every pixel, and of what is worn at all (n, `LABELS`)."""

    def __init__(self, network: PartNetwork, worn: Worn) -> None:
        super().__init__()
        self.network, self.worn = network, worn

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor]:
        logits, levels = self.network.see(crop)
        return self.network.enlarge(logits), self.worn(logits, levels)


def fit_run(work: Path, run: Path) -> None:
    """Fit to a run's `best.pt` and the split `train`; writes `worn.pt` beside it."""
    worn = fit(load(run / "best.pt"), load_people(work / "train"), seed=1)
    torch.save(worn.state_dict(), run / "worn.pt")


@torch.no_grad()
def fit(network: PartNetwork, people: list[Person], seed: int) -> Worn:
    """Fitted to `people`: as the engine looks at them, mirrored, and in random samples."""
    network.eval()
    worn = Worn(network)
    features, occurs = [], []
    for crop, labels in _crops(people, seed):
        logits, levels = network.see(torch.from_numpy(crop[None].astype(np.float32)))
        features.append(worn.pool(logits, levels)[0].numpy())
        occurs.append(np.bincount(labels.ravel(), minlength=IGNORED + 1)[:LABELS] >= OCCURS)
    weights, intercepts = _ridge(np.array(features, np.float64), np.array(occurs))
    worn.read.weight.copy_(torch.from_numpy(weights))
    worn.read.bias.copy_(torch.from_numpy(intercepts))
    return worn.eval()


def _crops(people: list[Person], seed: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    sampler = Sampler.of(people, seed)
    rng = np.random.default_rng((seed, 11))
    for person in people:
        for flip in (False, True):
            yield as_the_engine_sees(person, flip=flip)
    for _ in range(VIEWS * len(people)):
        yield sampler.sample(int(rng.integers(1 << 40)), CROPS[rng.integers(len(CROPS))])


def _ridge(features: NDArray[np.float64], occurs: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (`LABELS`, k) and intercepts (`LABELS`,) of logistic regressions; 0 for labels that are not told."""
    mean, spread = features.mean(0), features.std(0) + 1e-6
    standardised = (features - mean) / spread
    weights, intercepts = np.zeros((LABELS, features.shape[1])), np.zeros(LABELS)
    for label in TOLD:
        if 0 < occurs[:, label].sum() < len(occurs):
            model = LogisticRegression(C=STRENGTH, max_iter=300).fit(standardised, occurs[:, label])
            weights[label] = model.coef_[0] / spread
            intercepts[label] = float(model.intercept_[0]) - weights[label] @ mean
    return weights, intercepts
