"""How far the inputs of the convolutions reach, as far as the network itself knows; without a single photo.

A batch norm's bias and weight are the mean and the standard deviation of what it gave on the photos that the network
learned from (Nagel et al., *Data-Free Quantization Through Weight Equalization and Bias Correction*, ICCV 2019). Sums
are reckoned as of independent values.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mien.parsing.m2fp.conversion.backbone import Backbone, NormedConvolution
from mien.parsing.m2fp.conversion.network import M2fp
from mien.parsing.m2fp.preprocessing import DEVIATION, MEAN
from mien.parsing.m2fp.quantisation import Range

REACH = 12.0
"""Standard deviations from the mean that still are in range: what a network tells people by has long tails. Measured on
the small network that has learned: below 10 and above 16, more labels change."""

_PIXEL = "sem_seg_head.pixel_decoder"


@dataclass(frozen=True, eq=False)
class _Spread:
    """Mean and variance of each channel."""

    mean: Tensor
    variance: Tensor

    @staticmethod
    def after(norm: nn.Module) -> "_Spread":
        return _Spread(norm.bias.detach(), norm.weight.detach() ** 2)

    def __add__(self, other: "_Spread") -> "_Spread":
        return _Spread(self.mean + other.mean, self.variance + other.variance)

    def rectified(self) -> "_Spread":
        """Of the values above 0 (and 0 for the others), if they are normally distributed."""
        deviation = self.variance.sqrt().clamp(min=1e-6)
        normal = torch.distributions.Normal(0.0, 1.0)
        ratio = self.mean / deviation
        above, density = normal.cdf(ratio), normal.log_prob(ratio).exp()
        mean = self.mean * above + deviation * density
        square = (self.mean**2 + self.variance) * above + self.mean * deviation * density
        return _Spread(mean, (square - mean**2).clamp(min=0))

    def range(self, *, rectified: bool = True) -> Range:
        reach = REACH * self.variance.sqrt()
        return 0.0 if rectified else float((self.mean - reach).min()), float((self.mean + reach).max())


def input_ranges(network: M2fp) -> dict[str, Range]:
    """Name of each convolution → least and greatest value of its input. `network` has not been folded.

    Without the last one, `mask_features`: masks are made of its outcome, and nothing would even out the rounding.
    """
    ranges, levels = _of_backbone(network.backbone)
    finest, *coarser = (level.range() for level in levels)
    ranges |= {f"{_PIXEL}.input_proj.{i}.0": reach for i, reach in enumerate(reversed(coarser))}
    decoder = network.sem_seg_head.pixel_decoder
    last = decoder.transformer.encoder.layers[-1].norm2
    summed = _Spread.after(decoder.adapter_1.norm) + _Spread.after(last)
    ranges[f"{_PIXEL}.adapter_1"] = finest
    ranges[f"{_PIXEL}.layer_1"] = summed.range(rectified=False)
    return ranges


def _of_backbone(backbone: Backbone) -> tuple[dict[str, Range], list[_Spread]]:
    """The ranges of its convolutions, and what its levels are before they are rectified."""
    ranges: dict[str, Range] = {"backbone.stem.conv1": _of_photos()}
    entering = _chain(ranges, "backbone.stem", backbone.stem, ("conv1", "conv2", "conv3"))
    levels = []
    for number in range(2, 6):
        for place, block in enumerate(getattr(backbone, f"res{number}")):
            name = f"backbone.res{number}.{place}"
            ranges[f"{name}.conv1"] = entering.range()
            leaving = _chain(ranges, name, block, ("conv1", "conv2", "conv3"))
            if isinstance(block.shortcut, NormedConvolution):
                ranges[f"{name}.shortcut"] = entering.range()
                entering = leaving + _Spread.after(block.shortcut.norm)
            else:
                entering = leaving + entering.rectified()
        levels.append(entering)
    return ranges, levels


def _chain(ranges: dict[str, Range], prefix: str, module: nn.Module, names: tuple[str, ...]) -> _Spread:
    """Note the ranges between convolutions that follow each other; what the last one's norm gives."""
    spreads = [_Spread.after(getattr(module, name).norm) for name in names]
    ranges |= {f"{prefix}.{name}": spread.range() for name, spread in zip(names[1:], spreads, strict=False)}
    return spreads[-1]


def _of_photos() -> Range:
    return float((-MEAN / DEVIATION).min()), float(((255 - MEAN) / DEVIATION).max())
