"""What training minimises."""

import torch
from torch import Tensor
from torch.nn import functional

from training.labels import IGNORED

DICE, OCCURRENCE = 0.6, 0.1
"""Weights beside the cross-entropy of the pixels."""
SEEN = 20
"""px of a label in the batch, from which its Dice loss counts; px in one sample, from which it occurs there."""


def part_loss(logits: Tensor, occurrence: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross-entropy, Dice over the batch (Milletari et al., V-Net, 2016), and which labels occur at all.

    Args:
        logits: float (n, `LABELS`, h, w).
        occurrence: float (n, `LABELS`); logits.
        labels: int (n, 2h, 2w); 0–20 or `IGNORED`.
        weights: float (`LABELS`,), of the labels in the cross-entropy.
    """
    halved = functional.interpolate(labels[:, None].float(), size=logits.shape[2:], mode="nearest-exact")[:, 0].long()
    counted = halved != IGNORED
    known = torch.where(counted, halved, 0)
    log_probabilities = logits.log_softmax(1)
    pixels = functional.nll_loss(log_probabilities, known, weights, reduction="none") * counted
    cross_entropy = pixels.sum() / ((weights[known] * counted).sum() + 1)
    truth = torch.zeros_like(logits).scatter_(1, known[:, None], 1.0) * counted[:, None]
    believed = log_probabilities.exp() * counted[:, None]
    shared, either = (believed * truth).sum((0, 2, 3)), (believed + truth).sum((0, 2, 3))
    per_sample = truth.sum((2, 3))
    dice = (1 - (2 * shared + 1) / (either + 1))[per_sample.sum(0) > SEEN].mean()
    occurs = functional.binary_cross_entropy_with_logits(occurrence, (per_sample > SEEN).float())
    return cross_entropy + DICE * dice + OCCURRENCE * occurs
