"""Attention: deformable over several feature maps (Zhu et al., *Deformable DETR*, 2021), and with places masked out."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.parsing.m2fp.conversion.architecture import LEVELS


class DeformableAttention(nn.Module):
    """Every token gathers values at a few learned places around its own on each level."""

    def __init__(self, width: int, heads: int, points: int) -> None:
        super().__init__()
        self.heads, self.points = heads, points
        self.sampling_offsets = nn.Linear(width, heads * LEVELS * points * 2)
        self.attention_weights = nn.Linear(width, heads * LEVELS * points)
        self.value_proj = nn.Linear(width, width)
        self.output_proj = nn.Linear(width, width)
        self.gather = Gathering(heads, points)
        self._look_around()

    def forward(self, query: Tensor, tokens: Tensor, places: Tensor, sizes: Tensor) -> Tensor:
        """`query` and `tokens`: (n, s, width); `places` and `sizes` as in `Gathering`. Returns (n, s, width)."""
        gathered = self.gather(
            self.sampling_offsets(query).flatten(0, 1),
            self.attention_weights(query).flatten(0, 1),
            self.value_proj(tokens).reshape(-1, tokens.shape[-1] // self.heads),
            places,
            sizes,
        )
        return self.output_proj(gathered.reshape(tokens.shape))

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


class Gathering(nn.Module):
    """The weighted sum, per token and head, of bilinear samples of the levels; beyond their borders lie zeros.

    A bilinear sample is itself a weighted sum of four rows of a table, so one sum of rows does it all and no sample is
    ever stored. Tokens do not depend on each other: a part of them can be computed at a time.
    """

    def __init__(self, heads: int, points: int) -> None:
        super().__init__()
        self.heads, self.points = heads, points

    def forward(self, offsets: Tensor, scores: Tensor, table: Tensor, places: Tensor, sizes: Tensor) -> Tensor:
        """`offsets`: (t, heads · levels · points · 2), px of each level; `scores`: (t, heads · levels · points), whose
        softmax weighs the samples. `table`: (tokens · heads, width / heads), rows in the order of all tokens, then
        heads. `places`: (t, 3, levels), the token's own x and y in px of each level, 0 being the centre of the first
        pixel, and the index of the level's first token. `sizes`: (2, levels), widths and heights. Returns (t, width).
        """
        samples = LEVELS * self.points
        offsets = offsets.reshape(-1, self.heads, samples, 2)
        weights = scores.reshape(-1, self.heads, samples).softmax(-1)
        own = places.repeat_interleave(self.points, -1).unsqueeze(2)
        widths, heights = sizes.repeat_interleave(self.points, -1).to(torch.int32)
        head = torch.arange(self.heads, device=table.device, dtype=torch.int32).reshape(-1, 1)
        columns = _corners(own[:, 0], offsets[..., 0], widths)
        indices, shares = [], []
        for row, row_share in _corners(own[:, 1], offsets[..., 1], heights):
            line, line_share = own[:, 2].to(torch.int32) + row * widths, weights * row_share
            for column, column_share in columns:
                indices.append((line + column) * self.heads + head)
                shares.append(line_share * column_share)
        gathered = functional.embedding_bag(
            torch.cat(indices, -1).reshape(-1, 4 * samples),
            table,
            mode="sum",
            per_sample_weights=torch.cat(shares, -1).reshape(-1, 4 * samples),
        )
        return gathered.reshape(-1, self.heads * table.shape[-1])


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


def _corners(own: Tensor, offset: Tensor, size: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The two pixels between which `own` + `offset` lies along one axis, and their shares in it; 0 for one outside.

    Pixels are counted in whole numbers, and only what is small is rounded: it may be computed in bfloat16.
    """
    cell = own.floor()
    shifted = (own - cell) + offset
    step = shifted.floor()
    beyond, low = shifted - step, cell.to(torch.int32) + step.to(torch.int32)
    last = size - 1
    return [
        (pixel.clamp(min=0).minimum(last), share * ((pixel >= 0) & (pixel <= last)))
        for pixel, share in ((low, 1 - beyond), (low + 1, beyond))
    ]
