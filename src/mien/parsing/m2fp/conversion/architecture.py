"""Widths and depths of an M2FP network: those of the published one, or of any other in the same checkpoint format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mien.errors import ModelError

LEVELS = 3
"""Feature maps that the transformers see: at 1/32, 1/16 and 1/8 of the input."""
GROUPS = 32
"""Of the group norms in the pixel decoder: `Architecture.hidden` is a multiple of it."""

_BLOCK = re.compile(r"backbone\.res([2-5])\.(\d+)\.conv1\.weight")
_ENCODER = "sem_seg_head.pixel_decoder.transformer.encoder.layers"
_DECODER = "sem_seg_head.predictor"


@dataclass(frozen=True)
class Stage:
    """A stage of the backbone: residual blocks with bottlenecks of `inner` channels, and `outer` at their ends."""

    blocks: int
    inner: int
    outer: int


@dataclass(frozen=True)
class Architecture:
    """What the network's weights are shaped by. The defaults are the published network for several people (CIHP)."""

    stem: tuple[int, int, int] = (64, 64, 128)
    """Channels of the stem's three convolutions."""
    stages: tuple[Stage, Stage, Stage, Stage] = (
        Stage(3, 64, 256),
        Stage(4, 128, 512),
        Stage(23, 256, 1024),
        Stage(3, 512, 2048),
    )
    hidden: int = 256
    """Channels of both transformers."""
    mask: int = 256
    """Channels of the features that masks are made from."""
    encoder_layers: int = 6
    encoder_heads: int = 8
    encoder_points: int = 4
    """Places that a head looks at on each level."""
    encoder_feed: int = 1024
    """Inner channels of the encoder's feed-forward networks."""
    decoder_layers: int = 9
    decoder_heads: int = 8
    decoder_feed: int = 2048
    queries: int = 100
    classes: int = 21
    """Without "nothing"."""


def architecture_of(
    shapes: Mapping[str, tuple[int, ...]], encoder_heads: int = 8, decoder_heads: int = 8
) -> Architecture:
    """The architecture that weights of these names and shapes belong to.

    The numbers of heads leave no trace in the shapes; 8 is the published one. Raises `ModelError` naming the first
    weight that is missing or can be of no such network.
    """

    def sizes(name: str, dimensions: int) -> tuple[int, ...]:
        if name not in shapes:
            raise ModelError("m2fp-weight-missing", weight=name)
        if len(shapes[name]) != dimensions:
            raise ModelError("m2fp-weight-shape", weight=name, shape=shapes[name], expected=f"{dimensions}-D")
        return shapes[name]

    def channels(name: str) -> int:
        return sizes(f"{name}.weight", 4)[0]

    def count(prefix: str) -> int:
        numbers = {int(name[len(prefix) + 1 :].split(".")[0]) for name in shapes if name.startswith(f"{prefix}.")}
        return max(numbers, default=0) + 1

    depths = [1, 1, 1, 1]
    for match in filter(None, map(_BLOCK.fullmatch, shapes)):
        stage, block = int(match[1]) - 2, int(match[2])
        depths[stage] = max(depths[stage], block + 1)
    first, second, third, fourth = (
        Stage(depth, channels(f"backbone.res{n}.0.conv1"), channels(f"backbone.res{n}.0.conv3"))
        for n, depth in enumerate(depths, 2)
    )
    offsets = f"{_ENCODER}.0.self_attn.sampling_offsets.weight"
    places, hidden = sizes(offsets, 2)
    points, rest = divmod(places, encoder_heads * LEVELS * 2)
    if rest or not points:
        expected = f"(… × {encoder_heads} × {LEVELS} × 2, {hidden})"
        raise ModelError("m2fp-weight-shape", weight=offsets, shape=shapes[offsets], expected=expected)
    for name, heads in ((offsets, encoder_heads), (f"{_DECODER}.query_feat.weight", decoder_heads)):
        width = sizes(name, 2)[1]
        if width % heads or width % GROUPS:
            expected = f"(…, n × {heads}), n × {GROUPS}"
            raise ModelError("m2fp-weight-shape", weight=name, shape=shapes[name], expected=expected)
    return Architecture(
        stem=(
            channels("backbone.stem.conv1"),
            channels("backbone.stem.conv2"),
            channels("backbone.stem.conv3"),
        ),
        stages=(first, second, third, fourth),
        hidden=hidden,
        mask=channels("sem_seg_head.pixel_decoder.mask_features"),
        encoder_layers=count(_ENCODER),
        encoder_heads=encoder_heads,
        encoder_points=points,
        encoder_feed=sizes(f"{_ENCODER}.0.linear1.weight", 2)[0],
        decoder_layers=count(f"{_DECODER}.transformer_ffn_layers"),
        decoder_heads=decoder_heads,
        decoder_feed=sizes(f"{_DECODER}.transformer_ffn_layers.0.linear1.weight", 2)[0],
        queries=sizes(f"{_DECODER}.query_feat.weight", 2)[0],
        classes=sizes(f"{_DECODER}.class_embed.weight", 2)[0] - 1,
    )
