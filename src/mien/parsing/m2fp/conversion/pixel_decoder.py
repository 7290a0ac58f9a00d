"""The pixel decoder: a transformer over the three coarser feature maps, and a feature pyramid's step to the finest.

Mask2Former (Cheng et al., 2022), with the encoder of Deformable DETR (Zhu et al., 2021).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.parsing.m2fp.conversion.architecture import GROUPS, LEVELS, Architecture
from mien.parsing.m2fp.conversion.attention import DeformableAttention
from mien.parsing.m2fp.conversion.backbone import NormedConvolution

_TEMPERATURE = 10000
_EPSILON = 1e-6


class PixelDecoder(nn.Module):
    """Backbone's features → features for masks (n, `mask`, h/4, w/4) and the coarser levels, coarsest first:
    (n, `hidden`, h/32, w/32), (…, h/16, w/16), (…, h/8, w/8)."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        hidden = architecture.hidden
        finest, *coarser = (stage.outer for stage in architecture.stages)
        self.input_proj = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.GroupNorm(GROUPS, hidden))
            for channels in reversed(coarser)
        )
        self.transformer = _Transformer(architecture)
        self.adapter_1 = NormedConvolution(finest, hidden, 1, nn.GroupNorm(GROUPS, hidden))
        self.layer_1 = NormedConvolution(hidden, hidden, 3, nn.GroupNorm(GROUPS, hidden))
        self.mask_features = nn.Conv2d(hidden, architecture.mask, 1)

    def forward(self, features: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        finest, *coarser = features
        levels = self.transformer(
            [project(level) for project, level in zip(self.input_proj, reversed(coarser), strict=True)]
        )
        finest = self.adapter_1(finest)
        finest = finest + functional.interpolate(levels[-1], size=finest.shape[-2:], mode="bilinear")
        return self.mask_features(functional.relu(self.layer_1(finest))), levels


class _Transformer(nn.Module):
    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.level_embed = nn.Parameter(torch.randn(LEVELS, architecture.hidden))
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(_Layer(architecture) for _ in range(architecture.encoder_layers))

    def forward(self, levels: list[Tensor]) -> list[Tensor]:
        tokens = torch.cat([level.flatten(2).transpose(1, 2) for level in levels], 1)
        positions = torch.cat(
            [sine_positions(level) + embed for level, embed in zip(levels, self.level_embed, strict=True)]
        )
        places, sizes = own_places(levels)
        for layer in self.encoder.layers:
            tokens = layer(tokens, positions, places, sizes)
        parts = tokens.split([level.shape[2] * level.shape[3] for level in levels], 1)
        return [part.transpose(1, 2).unflatten(2, level.shape[2:]) for part, level in zip(parts, levels, strict=True)]


class _Layer(nn.Module):
    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width, feed = architecture.hidden, architecture.encoder_feed
        self.self_attn = DeformableAttention(width, architecture.encoder_heads, architecture.encoder_points)
        self.norm1 = nn.LayerNorm(width)
        self.linear1 = nn.Linear(width, feed)
        self.linear2 = nn.Linear(feed, width)
        self.norm2 = nn.LayerNorm(width)

    def forward(self, tokens: Tensor, positions: Tensor, places: Tensor, sizes: Tensor) -> Tensor:
        tokens = self.norm1(tokens + self.self_attn(tokens + positions, tokens, places, sizes))
        return self.norm2(tokens + self.linear2(functional.relu(self.linear1(tokens))))


def sine_positions(level: Tensor) -> Tensor:
    """Where the tokens of a level (n, width, h, w) are: (h·w, width), half of the channels for y, half for x.

    Sines and cosines by turns, of 1-based positions scaled to 0–2π (Carion et al., *DETR*, 2020).
    """
    width, (height, across) = level.shape[1], level.shape[2:]
    channel = torch.arange(width // 2, device=level.device)
    period = _TEMPERATURE ** (2 * (channel // 2) / (width // 2))
    waves = []
    for length in (height, across):
        position = torch.arange(1, length + 1, device=level.device, dtype=level.dtype)
        angle = (position / (position[-1] + _EPSILON) * 2 * torch.pi).unsqueeze(1) / period
        waves.append(torch.stack((angle[:, 0::2].sin(), angle[:, 1::2].cos()), 2).flatten(1))
    y, x = waves
    return torch.cat((y.unsqueeze(1).expand(-1, across, -1), x.expand(height, -1, -1)), -1).flatten(0, 1)


def own_places(levels: list[Tensor]) -> tuple[Tensor, Tensor]:
    """The places of all levels' tokens, image by image, and the levels' sizes, as `attention.Gathering` wants them."""
    like = levels[0]
    sizes = torch.stack(
        [torch.stack([torch.as_tensor(level.shape[axis]).to(like) for level in levels]) for axis in (3, 2)]
    )
    counts = sizes[0] * sizes[1]
    places = []
    for level in levels:
        height, width = level.shape[2:]
        x, y = (torch.arange(side, device=like.device) + 0.5 for side in (width, height))
        x, y = (x / width).expand(height, -1).reshape(-1, 1), (y / height).repeat_interleave(width).reshape(-1, 1)
        places.append(
            torch.stack((x * sizes[0] - 0.5, y * sizes[1] - 0.5, (counts.cumsum(0) - counts).expand(x.shape[0], -1)), 1)
        )
    one = torch.cat(places)
    images = torch.arange(like.shape[0], device=like.device).reshape(-1, 1, 1, 1) * counts.sum()
    step = images * like.new_tensor([0, 0, 1]).reshape(-1, 1)
    return (one + step).flatten(0, 1), sizes
