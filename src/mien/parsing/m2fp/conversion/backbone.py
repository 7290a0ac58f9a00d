"""The backbone: a ResNet (He et al., 2016) whose stem is three convolutions, as in DeepLab v3+ (Chen et al., 2018).

Modules are named as in the published checkpoint, here and in the other parts of the network.
"""

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_weights

from mien.parsing.m2fp.conversion.architecture import Architecture, Stage


class NormedConvolution(nn.Conv2d):
    """A convolution that keeps the size (at stride 1), then its norm, which stands in for the bias."""

    weight: nn.Parameter
    bias: nn.Parameter | None

    def __init__(self, channels: int, out: int, kernel: int, norm: nn.Module, stride: int = 1) -> None:
        super().__init__(channels, out, kernel, stride, kernel // 2, bias=False)
        self.norm = norm

    def forward(self, features: Tensor) -> Tensor:
        return self.norm(super().forward(features))

    def fold(self) -> None:
        """Make a batch norm that has learned part of the weights: the same function of them, without the norm."""
        if isinstance(self.norm, nn.BatchNorm2d):
            norm = self.norm
            self.weight, self.bias = fuse_conv_bn_weights(
                self.weight, None, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
            )
            self.norm = nn.Identity()


class Backbone(nn.Module):
    """float (n, 3, h, w), normalised RGB, h and w multiples of 32 → features at 1/4, 1/8, 1/16 and 1/32 of the size."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.stem = _Stem(architecture.stem)
        entering = architecture.stem[-1]
        for number, stage in enumerate(architecture.stages, 2):
            self.add_module(f"res{number}", _stage(entering, stage, stride=1 if number == 2 else 2))
            entering = stage.outer

    def forward(self, batch: Tensor) -> list[Tensor]:
        features = self.stem(batch)
        levels = []
        for stage in (self.res2, self.res3, self.res4, self.res5):
            features = stage(features)
            levels.append(features)
        return levels


class _Stem(nn.Module):
    def __init__(self, channels: tuple[int, int, int]) -> None:
        super().__init__()
        first, second, third = channels
        self.conv1 = _batch_normed(3, first, 3, stride=2)
        self.conv2 = _batch_normed(first, second, 3)
        self.conv3 = _batch_normed(second, third, 3)

    def forward(self, batch: Tensor) -> Tensor:
        features = batch
        for convolution in (self.conv1, self.conv2, self.conv3):
            features = functional.relu(convolution(features))
        return functional.max_pool2d(features, 3, stride=2, padding=1)


class _Bottleneck(nn.Module):
    def __init__(self, channels: int, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _batch_normed(channels, inner, 1)
        self.conv2 = _batch_normed(inner, inner, 3, stride)
        self.conv3 = _batch_normed(inner, outer, 1)
        self.shortcut = nn.Identity() if channels == outer else _batch_normed(channels, outer, 1, stride)

    def forward(self, features: Tensor) -> Tensor:
        narrow = functional.relu(self.conv1(features))
        narrow = functional.relu(self.conv2(narrow))
        return functional.relu(self.conv3(narrow) + self.shortcut(features))


def _stage(channels: int, stage: Stage, stride: int) -> nn.Sequential:
    first = _Bottleneck(channels, stage.inner, stage.outer, stride)
    return nn.Sequential(
        first, *(_Bottleneck(stage.outer, stage.inner, stage.outer, stride=1) for _ in range(stage.blocks - 1))
    )


def _batch_normed(channels: int, out: int, kernel: int, stride: int = 1) -> NormedConvolution:
    return NormedConvolution(channels, out, kernel, nn.BatchNorm2d(out), stride)
