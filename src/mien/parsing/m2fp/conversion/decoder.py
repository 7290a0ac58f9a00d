"""The masked transformer decoder (Cheng et al., *Mask2Former*, 2022): queries → classes and masks."""

from torch import Tensor, nn
from torch.nn import functional

from mien.parsing.m2fp.conversion.architecture import LEVELS, Architecture
from mien.parsing.m2fp.conversion.attention import Attention
from mien.parsing.m2fp.conversion.pixel_decoder import sine_positions

Prediction = tuple[Tensor, Tensor]
"""Class logits (n, queries, classes + 1) and mask logits (n, queries, h, w)."""

REDUCED = (8, 4, 2)
"""How many times larger than the levels' sides those of the features for masks are."""


class Decoder(nn.Module):
    """Queries attend by turns to the levels, each within the mask that it predicted before."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        hidden, layers = architecture.hidden, range(architecture.decoder_layers)
        heads = architecture.decoder_heads
        self.transformer_cross_attention_layers = nn.ModuleList(_CrossAttention(hidden, heads) for _ in layers)
        self.transformer_self_attention_layers = nn.ModuleList(_SelfAttention(hidden, heads) for _ in layers)
        self.transformer_ffn_layers = nn.ModuleList(_FeedForward(hidden, architecture.decoder_feed) for _ in layers)
        self.decoder_norm = nn.LayerNorm(hidden)
        self.query_feat = nn.Embedding(architecture.queries, hidden)
        self.query_embed = nn.Embedding(architecture.queries, hidden)
        self.level_embed = nn.Embedding(LEVELS, hidden)
        self.class_embed = nn.Linear(hidden, architecture.classes + 1)
        self.mask_embed = _Perceptron(hidden, architecture.mask)

    def forward(self, features: Tensor, levels: list[Tensor]) -> Prediction:
        """The last layer's prediction for the pixel decoder's features (n, mask, h, w) and levels."""
        return self._predict(self.run(features, levels)[-1], features)

    def predictions(self, features: Tensor, levels: list[Tensor]) -> list[Prediction]:
        """Those of the untouched queries and of every layer: training learns from them all."""
        return [self._predict(queries, features) for queries in self.run(features, levels)]

    def run(self, features: Tensor, levels: list[Tensor], opened: list[Tensor] | None = None) -> list[Tensor]:
        """The untouched queries, then what each layer makes of them: (n, queries, hidden) each.

        `opened` sets what each layer's queries may attend to, bool (n, queries, tokens), instead of the masks that
        were predicted, so that two implementations can be compared: masks cut at 0 turn rounding into difference.
        """
        memories = [
            level.flatten(2).transpose(1, 2) + embed
            for level, embed in zip(levels, self.level_embed.weight, strict=True)
        ]
        keys = [memory + sine_positions(level) for memory, level in zip(memories, levels, strict=True)]
        # Resizing commutes with the product that makes masks: once per level instead of once per layer.
        small = [_reduced(features, times) for times in REDUCED]
        queries = self.query_feat.weight.expand(features.shape[0], -1, -1)
        states = [queries]
        layers = zip(
            self.transformer_cross_attention_layers,
            self.transformer_self_attention_layers,
            self.transformer_ffn_layers,
            strict=True,
        )
        for number, (cross_attention, self_attention, feed_forward) in enumerate(layers):
            level = number % LEVELS
            inside = self._within(queries, small[level]) if opened is None else opened[number]
            queries = cross_attention(queries, self.query_embed.weight, keys[level], memories[level], inside)
            queries = feed_forward(self_attention(queries, self.query_embed.weight))
            states.append(queries)
        return states

    def _predict(self, queries: Tensor, features: Tensor) -> Prediction:
        normed = self.decoder_norm(queries)
        return self.class_embed(normed), self._masks(normed, features).unflatten(2, features.shape[-2:])

    def _masks(self, normed: Tensor, features: Tensor) -> Tensor:
        return self.mask_embed(normed) @ features.flatten(2)

    def _within(self, queries: Tensor, features: Tensor) -> Tensor:
        """Where the queries' masks are, bool (n, queries, tokens); everywhere for an empty mask."""
        inside = self._masks(self.decoder_norm(queries.detach()), features.detach()) >= 0
        return inside | ~inside.any(-1, keepdim=True)


class _CrossAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.multihead_attn = Attention(width, heads)
        self.norm = nn.LayerNorm(width)

    def forward(self, queries: Tensor, embed: Tensor, keys: Tensor, values: Tensor, inside: Tensor) -> Tensor:
        return self.norm(queries + self.multihead_attn(queries + embed, keys, values, inside))


class _SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.norm = nn.LayerNorm(width)

    def forward(self, queries: Tensor, embed: Tensor) -> Tensor:
        placed = queries + embed
        return self.norm(queries + self.self_attn(placed, placed, queries))


class _FeedForward(nn.Module):
    def __init__(self, width: int, feed: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(width, feed)
        self.linear2 = nn.Linear(feed, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, queries: Tensor) -> Tensor:
        return self.norm(queries + self.linear2(functional.relu(self.linear1(queries))))


class _Perceptron(nn.Module):
    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, out)])

    def forward(self, queries: Tensor) -> Tensor:
        first, second, last = self.layers
        return last(functional.relu(second(functional.relu(first(queries)))))


def _reduced(features: Tensor, times: int) -> Tensor:
    """Bilinear resizing (n, c, h, w) → (n, c, h / times, w / times), by an even number.

    Without smoothing, the centre of a large pixel lies between four small ones. OpenVINO resizes to one row otherwise
    than PyTorch does.
    """
    before, after = times // 2 - 1, times // 2
    rows = (features[:, :, before::times] + features[:, :, after::times]) / 2
    return (rows[:, :, :, before::times] + rows[:, :, :, after::times]) / 2
