"""What the model's `configuration.json` says, as far as it matters here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mien.errors import ModelError

Number = TypeVar("Number", int, float)

CLASSES = (
    *("Background", "Hat", "Hair", "Gloves", "Sunglasses", "UpperClothes", "Dress", "Coat", "Socks", "Pants"),
    *("Torso-skin", "Scarf", "Skirt", "Face", "Left-arm", "Right-arm", "Left-leg", "Right-leg", "Left-shoe"),
    *("Right-shoe", "Human"),
)
"""CIHP's, and whole humans: what the engine understands, in this order."""

_COMPUTED: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("backbone", "num_groups", (1,)),
    ("backbone", "stride_in_1x1", (False,)),
    ("backbone", "res4_dilation", (1,)),
    ("backbone", "res5_dilation", (1,)),
    ("encoder", "common_stride", (4,)),
    ("decoder", "pre_norm", (False,)),
)
"""Settings that leave no trace in the weights' shapes, and how they are meant here."""


@dataclass(frozen=True)
class Configuration:
    """The defaults are those of the published model for several people."""

    classes: tuple[str, ...] = CLASSES
    parsing_classes: int = 20
    """Background and parts come first; the rest is whole humans."""
    instance_threshold: float = 0.3
    """Of the score from which the published code pastes a part."""
    encoder_heads: int = 8
    decoder_heads: int = 8


def configuration_of(description: Mapping[str, Any] | None) -> Configuration:
    """Read the content of `configuration.json`; what it does not say, or says in no way known, stays at its default.

    Raises `ModelError` for a setting that the network is not computed with here.
    """
    model = _section(description, "model")
    for part, setting, meant in _COMPUTED:
        value = _section(model, part).get(setting, meant[0])
        if value not in meant:
            raise ModelError("m2fp-setting", setting=f"model.{part}.{setting}", value=value, meant=meant[0])
    default = Configuration()
    classes = model.get("classes")
    named = isinstance(classes, list) and classes and all(isinstance(name, str) for name in classes)
    return Configuration(
        classes=tuple(classes or ()) if named else default.classes,
        parsing_classes=_number(model, "num_parsing", int, default.parsing_classes),
        instance_threshold=_number(model, "parsing_ins_score_thr", float, default.instance_threshold),
        encoder_heads=_number(_section(model, "encoder"), "transformer_nheads", int, default.encoder_heads),
        decoder_heads=_number(_section(model, "decoder"), "nheads", int, default.decoder_heads),
    )


def _section(within: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    found = (within or {}).get(name)
    return found if isinstance(found, Mapping) else {}


def _number(section: Mapping[str, Any], name: str, kind: Callable[[Any], Number], default: Number) -> Number:
    value = section.get(name)
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    return kind(value) if known else default
