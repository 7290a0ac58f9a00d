"""Attention: deformable over several feature maps (Zhu et al., *Deformable DETR*, 2021), and with places masked out."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.parsing.m2fp.conversion.architecture import LEVELS

Sizes = list[tuple[int, int]]
"""Height and width of each level, in the order in which the levels' tokens follow one another."""


class DeformableAttention(nn.Module):
    """Every token gathers values at a few learned places around its own on each level.

    A bilinear sample is a weighted sum of four rows of a table, so all that a head gathers for a token is one such
    sum, and no sample is ever stored. What lies beyond the border counts as 0.
    """

    def __init__(self, width: int, heads: int, points: int) -> None:
        super().__init__()
        self.heads, self.points = heads, points
        self.sampling_offsets = nn.Linear(width, heads * LEVELS * points * 2)
        self.attention_weights = nn.Linear(width, heads * LEVELS * points)
        self.value_proj = nn.Linear(width, width)
        self.output_proj = nn.Linear(width, width)
        self._look_around()

    def forward(self, query: Tensor, tokens: Tensor, places: Tensor, sizes: Sizes) -> Tensor:
        """`query` and `tokens`: (n, s, width). `places`: (2, s, `LEVELS`), every token's own x and y in px of each
        level, 0 being the centre of the first pixel. Returns (n, s, width)."""
        images, count, width = tokens.shape
        samples = LEVELS * self.points
        offsets = self.sampling_offsets(query).reshape(images, count, self.heads, samples, 2)
        weights = self.attention_weights(query).reshape(images, count, self.heads, samples).softmax(-1)
        own = places.repeat_interleave(self.points, -1).unsqueeze(2)
        starts, heights, widths = (part.repeat_interleave(self.points) for part in _layout(sizes, places))
        columns = _corners(own[0] + offsets[..., 0], widths)
        rows = _corners(own[1] + offsets[..., 1], heights)

        image = torch.arange(images, device=places.device).reshape(-1, 1, 1, 1)
        head = torch.arange(self.heads, device=places.device).reshape(-1, 1)
        indices, shares = [], []
        for row, row_share in rows:
            line, line_share = image * count + starts + row * widths, weights * row_share
            for column, column_share in columns:
                indices.append((line + column) * self.heads + head)
                shares.append(line_share * column_share)
        gathered = functional.embedding_bag(
            torch.cat(indices, -1).reshape(-1, 4 * samples).to(torch.int32),
            self.value_proj(tokens).reshape(-1, width // self.heads),
            mode="sum",
            per_sample_weights=torch.cat(shares, -1).reshape(-1, 4 * samples),
        )
        return self.output_proj(gathered.reshape(images, count, width))

    def _look_around(self) -> None:
        """Begin as Deformable DETR does: each head looks in a direction of its own, point by point farther."""
        angles = torch.arange(self.heads) * (2 * torch.pi / self.heads)
        directions = torch.stack((angles.cos(), angles.sin()), -1)
        directions = directions / directions.abs().amax(-1, keepdim=True)
        steps = torch.arange(1, self.points + 1).reshape(1, 1, -1, 1)
        with torch.no_grad():
            offsets = directions[:, None, None] * steps.expand(self.heads, LEVELS, -1, 1)
            self.sampling_offsets.bias.copy_(offsets.flatten())
            for weight in (self.sampling_offsets.weight, *self.attention_weights.parameters()):
                weight.zero_()


class Attention(nn.Module):
    """Attention of several heads (Vaswani et al., 2017), its three input projections stored as one."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, open_: Tensor | None = None) -> Tensor:
        """`query`: (n, q, width); `key` and `value`: (n, s, width); `open_`: bool (n, q, s), which places a query may
        attend to (at least one each). Returns (n, q, width)."""
        inputs = zip((query, key, value), self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3), strict=True)
        q, k, v = (self._split(functional.linear(tokens, weight, bias)) for tokens, weight, bias in inputs)
        mask = None if open_ is None else open_.unsqueeze(1)
        attended = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out_proj(attended.transpose(1, 2).flatten(2))

    def _split(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def _layout(sizes: Sizes, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of each level: the index of its first token, its height and its width, as numbers of the kind of `like`."""
    heights, widths = (torch.stack([torch.as_tensor(side) for side in sides]) for sides in zip(*sizes, strict=True))
    counts = heights * widths
    return tuple(part.to(like) for part in (counts.cumsum(0) - counts, heights, widths))


def _corners(position: Tensor, size: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The two pixels that a position lies between along one axis, and their shares in it; 0 for one outside."""
    low = position.floor()
    high, beyond = low + 1, position - low
    return [
        (low.clamp(min=0).minimum(size - 1), (1 - beyond) * ((low >= 0) & (low < size))),
        (high.clamp(min=0).minimum(size - 1), beyond * ((high >= 0) & (high < size))),
    ]
