"""What a Mask2Former learns by (Cheng et al., CVPR 2022): each part and each human is claimed by one query.

Its weights are the published ones. Masks are compared on all of their cells, not on sampled points: they are small.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn import functional

from mien.parsing.m2fp.conversion.decoder import Prediction
from mien.parsing.m2fp.postprocessing import CELL, HUMAN
from tests.parsing.m2fp.learned.pictures import Drawn

CLASS, CROSS_ENTROPY, DICE = 2.0, 5.0, 5.0
NOTHING = 0.1
"""Weight of queries that claim nothing."""
LEAST = 12  # px of a part, fewer of which nobody is asked to see


@dataclass(frozen=True, eq=False)
class Truth:
    """Of one picture: classes (n,), and masks (n, cells), the share of each cell that is covered."""

    classes: Tensor
    masks: Tensor


def truth_of(drawn: Drawn) -> Truth:
    """A mask for each human, and one for each part of each."""
    classes, masks = [], []
    for figure in range(1, int(drawn.figures.max()) + 1):
        mine = drawn.figures == figure
        for label in (HUMAN, *np.unique(drawn.parts[mine])):
            mask = mine if label == HUMAN else mine & (drawn.parts == label)
            if mask.sum() >= LEAST:
                classes.append(int(label))
                masks.append(mask)
    height, width = drawn.figures.shape
    stack = torch.from_numpy(np.array(masks, np.float32).reshape(-1, 1, height, width))
    return Truth(torch.tensor(classes, dtype=torch.long), functional.avg_pool2d(stack, CELL).flatten(1))


def loss(predictions: list[Prediction], truths: list[Truth]) -> Tensor:
    """Of every layer's prediction, each matched with the truth on its own."""
    return torch.stack([_of_layer(logits, masks.flatten(2), truths) for logits, masks in predictions]).sum()


def _of_layer(logits: Tensor, masks: Tensor, truths: list[Truth]) -> Tensor:
    wanted = torch.full(logits.shape[:2], logits.shape[-1] - 1)
    claimed, covered = [], []
    for i, truth in enumerate(truths):
        queries, things = _matched(logits[i].detach(), masks[i].detach(), truth)
        wanted[i, queries] = truth.classes[things]
        claimed.append(masks[i, queries])
        covered.append(truth.masks[things])
    weights = torch.ones(logits.shape[-1])
    weights[-1] = NOTHING
    said, true = torch.cat(claimed), torch.cat(covered)
    things = max(1, len(said))
    probability = said.sigmoid()
    overlap = (2 * (probability * true).sum(1) + 1) / (probability.sum(1) + true.sum(1) + 1)
    return (
        CLASS * functional.cross_entropy(logits.transpose(1, 2), wanted, weights)
        + CROSS_ENTROPY
        * functional.binary_cross_entropy_with_logits(said, true, reduction="none").mean(1).sum()
        / things
        + DICE * (1 - overlap).sum() / things
    )


def _matched(logits: Tensor, masks: Tensor, truth: Truth) -> tuple[Tensor, Tensor]:
    """Pairs of query and thing that cost least together."""
    probability = masks.sigmoid()
    overlap = 2 * probability @ truth.masks.T + 1
    dice = 1 - overlap / (probability.sum(1, keepdim=True) + truth.masks.sum(1) + 1)
    certain, doubtful = functional.softplus(-masks), functional.softplus(masks)
    cross_entropy = (certain @ truth.masks.T + doubtful @ (1 - truth.masks).T) / masks.shape[1]
    cost = CROSS_ENTROPY * cross_entropy + DICE * dice - CLASS * logits.softmax(-1)[:, truth.classes]
    queries, things = linear_sum_assignment(cost.numpy())
    return torch.from_numpy(queries), torch.from_numpy(things)
