"""The pixel decoder: a transformer over the three coarser feature maps, and a feature pyramid's step to the finest.

Mask2Former (Cheng et al., 2022), with the encoder of Deformable DETR (Zhu et al., 2021).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.parsing.m2fp.conversion.architecture import GROUPS, LEVELS, Architecture
from mien.parsing.m2fp.conversion.attention import DeformableAttention, Sizes
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
        sizes: Sizes = [(level.shape[2], level.shape[3]) for level in levels]
        counts = [level.shape[2] * level.shape[3] for level in levels]
        tokens = torch.cat([level.flatten(2).transpose(1, 2) for level in levels], 1)
        positions = torch.cat(
            [sine_positions(level) + embed for level, embed in zip(levels, self.level_embed, strict=True)]
        )
        places = own_places(levels)
        for layer in self.encoder.layers:
            tokens = layer(tokens, positions, places, sizes)
        return [
            part.transpose(1, 2).unflatten(2, size)
            for part, size in zip(tokens.split(counts, 1), sizes, strict=True)
        ]


class _Layer(nn.Module):
    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width, feed = architecture.hidden, architecture.encoder_feed
        self.self_attn = DeformableAttention(width, architecture.encoder_heads, architecture.encoder_points)
        self.norm1 = nn.LayerNorm(width)
        self.linear1 = nn.Linear(width, feed)
        self.linear2 = nn.Linear(feed, width)
        self.norm2 = nn.LayerNorm(width)

    def forward(self, tokens: Tensor, positions: Tensor, places: Tensor, sizes: Sizes) -> Tensor:
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


def own_places(levels: list[Tensor]) -> Tensor:
    """x and y of every level's tokens in px of every level: (2, tokens, levels); see `DeformableAttention`."""
    places = []
    for height, width in (level.shape[2:] for level in levels):
        y, x = (torch.arange(side, device=levels[0].device) + 0.5 for side in (height, width))
        shares = (x / width).expand(height, -1).flatten(), (y / height).unsqueeze(1).expand(-1, width).flatten()
        on_levels = [
            torch.stack([share * level.shape[axis] - 0.5 for level in levels], -1)
            for share, axis in zip(shares, (3, 2), strict=True)
        ]
        places.append(torch.stack(on_levels))
    return torch.cat(places, 1)
