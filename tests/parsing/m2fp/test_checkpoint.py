"""Nothing of a checkpoint is guessed: whatever is wrong with it is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `m2fp`")
pytest.importorskip("openvino", reason="needs the extra `m2fp`")

from mien.errors import MienError, ModelError  # noqa: E402
from mien.parsing.m2fp.conversion import convert  # noqa: E402
from mien.parsing.m2fp.conversion.architecture import Architecture, Stage  # noqa: E402
from mien.parsing.m2fp.conversion.checkpoint import load, save  # noqa: E402
from mien.parsing.m2fp.conversion.configuration import Configuration, configuration_of  # noqa: E402
from mien.parsing.m2fp.conversion.network import M2fp  # noqa: E402

TINY = Architecture(
    stem=(4, 4, 8),
    stages=(Stage(1, 4, 16), Stage(1, 4, 24), Stage(2, 4, 32), Stage(1, 4, 40)),
    hidden=32,
    mask=16,
    encoder_layers=1,
    encoder_feed=24,
    decoder_layers=2,
    decoder_feed=20,
    queries=5,
)
PIXEL, QUERY = "sem_seg_head.pixel_decoder", "sem_seg_head.predictor"
Weights = dict[str, Any]


@pytest.fixture
def weights() -> Weights:
    torch.manual_seed(0)
    return dict(M2fp(TINY).state_dict())


def without(*names: str) -> Callable[[Weights], Weights]:
    return lambda weights: {name: weight for name, weight in weights.items() if name not in names}


def with_(name: str, weight: Any) -> Callable[[Weights], Weights]:
    return lambda weights: {**weights, name: weight}


def shaped(name: str, *shape: int) -> Callable[[Weights], Weights]:
    return with_(name, torch.zeros(shape))


FAULTS = {
    "empty": (lambda _: {}, "m2fp-weight-missing", "backbone.res2.0.conv1.weight"),
    "no stem": (without("backbone.stem.conv2.weight"), "m2fp-weight-missing", "backbone.stem.conv2.weight"),
    "no statistics": (
        without("backbone.res4.1.conv2.norm.running_var"),
        "m2fp-weight-missing",
        "backbone.res4.1.conv2.norm.running_var",
    ),
    "no shortcut": (
        without("backbone.res3.0.shortcut.weight"),
        "m2fp-weight-missing",
        "backbone.res3.0.shortcut.weight",
    ),
    "no offsets": (
        without(f"{PIXEL}.transformer.encoder.layers.0.self_attn.sampling_offsets.weight"),
        "m2fp-weight-missing",
        f"{PIXEL}.transformer.encoder.layers.0.self_attn.sampling_offsets.weight",
    ),
    "no queries": (without(f"{QUERY}.query_feat.weight"), "m2fp-weight-missing", f"{QUERY}.query_feat.weight"),
    "no projection": (
        without(f"{QUERY}.transformer_cross_attention_layers.1.multihead_attn.in_proj_weight"),
        "m2fp-weight-missing",
        f"{QUERY}.transformer_cross_attention_layers.1.multihead_attn.in_proj_weight",
    ),
    "a block left out": (
        without("backbone.res4.0.conv2.weight"),
        "m2fp-weight-missing",
        "backbone.res4.0.conv2.weight",
    ),
    "transposed": (
        shaped(f"{QUERY}.transformer_ffn_layers.1.linear2.weight", 20, 32),
        "m2fp-weight-shape",
        f"{QUERY}.transformer_ffn_layers.1.linear2.weight",
    ),
    "7×7 stem": (shaped("backbone.stem.conv1.weight", 4, 3, 7, 7), "m2fp-weight-shape", "backbone.stem.conv1.weight"),
    "flat": (shaped("backbone.stem.conv1.weight", 4), "m2fp-weight-shape", "backbone.stem.conv1.weight"),
    "odd offsets": (
        shaped(f"{PIXEL}.transformer.encoder.layers.0.self_attn.sampling_offsets.weight", 190, 32),
        "m2fp-weight-shape",
        f"{PIXEL}.transformer.encoder.layers.0.self_attn.sampling_offsets.weight",
    ),
    "narrower than its norms' groups": (
        shaped(f"{QUERY}.query_feat.weight", 5, 24),
        "m2fp-weight-shape",
        f"{QUERY}.query_feat.weight",
    ),
    "not a number": (
        with_(f"{QUERY}.class_embed.bias", torch.full((22,), torch.nan)),
        "m2fp-weight-unsound",
        f"{QUERY}.class_embed.bias",
    ),
    "whole numbers": (
        with_(f"{QUERY}.class_embed.bias", torch.zeros(22, dtype=torch.int64)),
        "m2fp-weight-unsound",
        f"{QUERY}.class_embed.bias",
    ),
    "another layer": (shaped("backbone.res6.0.conv1.weight", 1), "m2fp-weight-unknown", "backbone.res6.0.conv1.weight"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_weight_that_is_wrong_is_named(fault: str, weights: Weights, tmp_path: Path) -> None:
    change, code, name = FAULTS[fault]
    file = tmp_path / "pytorch_model.pt"
    torch.save({"model": change(weights)}, file)
    with pytest.raises(ModelError) as raised:
        load(file)
    assert raised.value.code == code
    assert raised.value.values["weight"] == name
    for language in ("en", "zh"):
        assert name in raised.value.message(language)
        assert str(file) in raised.value.message(language)


@pytest.mark.parametrize(
    "content",
    [None, b"", b"not a checkpoint", [1, 2], {}, {"model": 3}, {"model": {"a": "b"}}, {"state_dict": {}}, Path("x")],
    ids=str,
)
def test_what_is_no_checkpoint_is_said_to_be_none(content: object, tmp_path: Path) -> None:
    file = tmp_path / "pytorch_model.pt"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        torch.save(content if not isinstance(content, Path) else {"model": content}, file)
    with pytest.raises(MienError) as raised:
        load(file)
    assert raised.value.code == ("file-unreadable" if content is None else "m2fp-checkpoint")
    assert str(file) in str(raised.value)


def test_a_cut_file_is_no_checkpoint(weights: Weights, tmp_path: Path) -> None:
    file = tmp_path / "pytorch_model.pt"
    torch.save({"model": weights}, file)
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(ModelError) as raised:
        load(file)
    assert raised.value.code == "m2fp-checkpoint"


@pytest.mark.parametrize("zipped", [True, False])
def test_every_weight_comes_back_as_it_was_saved(zipped: bool, weights: Weights, tmp_path: Path) -> None:
    file = tmp_path / "pytorch_model.pt"
    torch.save({"model": weights}, file, _use_new_zipfile_serialization=zipped)
    network = load(file)
    assert network.architecture == TINY
    for name, weight in network.state_dict().items():
        np.testing.assert_array_equal(weight.numpy(), weights[name].numpy(), err_msg=name)


def test_counters_may_be_missing_and_the_losses_weights_there(weights: Weights, tmp_path: Path) -> None:
    kept = {name: weight for name, weight in weights.items() if not name.endswith("num_batches_tracked")}
    file = tmp_path / "pytorch_model.pt"
    torch.save({"model": {**kept, "criterion.empty_weight": torch.ones(22)}, "iteration": 7}, file)
    assert load(file).architecture == TINY


def test_what_was_trained_can_be_saved_and_loaded(tmp_path: Path) -> None:
    network = M2fp(TINY)
    network.train()(torch.randn(1, 3, 64, 64))
    save(network, tmp_path / "trained.pt")
    batch = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected, got = network.eval()(batch), load(tmp_path / "trained.pt")(batch)
        folded = load(tmp_path / "trained.pt").fold()(batch)
    for wanted, same, near in zip(expected, got, folded, strict=True):
        assert torch.equal(wanted, same)
        assert torch.allclose(wanted, near, atol=1e-4)


def test_the_single_person_network_is_not_taken_for_the_one_for_many(tmp_path: Path) -> None:
    from dataclasses import replace

    save(M2fp(replace(TINY, classes=20)), tmp_path / "pytorch_model.pt")
    with pytest.raises(ModelError) as raised:
        convert(tmp_path / "pytorch_model.pt", tmp_path)
    assert raised.value.code == "m2fp-classes"
    assert not (tmp_path / "model.toml").exists()


CONFIGURATIONS: dict[str, tuple[Any, Configuration]] = {
    "none": (None, Configuration()),
    "empty": ({}, Configuration()),
    "of another kind": ({"model": [1]}, Configuration()),
    "numbers of another kind": ({"model": {"num_parsing": "20", "parsing_ins_score_thr": True}}, Configuration()),
    "names of another kind": ({"model": {"classes": ["a", 1]}}, Configuration()),
    "as published": (
        {"model": {"num_parsing": 20, "backbone": {"res5_dilation": 1, "depth": 101}, "decoder": {"nheads": 8}}},
        Configuration(),
    ),
    "other": (
        {"model": {"parsing_ins_score_thr": 0.5, "encoder": {"transformer_nheads": 4}, "classes": ['a"b', "帽"]}},
        Configuration(instance_threshold=0.5, encoder_heads=4, classes=('a"b', "帽")),
    ),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_says_what_it_says_and_the_rest_stays(name: str) -> None:
    description, expected = CONFIGURATIONS[name]
    assert configuration_of(description) == expected


@pytest.mark.parametrize(
    ("part", "setting", "value"),
    [
        ("backbone", "res5_dilation", 2),
        ("backbone", "stride_in_1x1", True),
        ("encoder", "common_stride", 8),
        ("decoder", "pre_norm", True),
    ],
)
def test_what_would_be_computed_otherwise_is_refused(part: str, setting: str, value: object) -> None:
    with pytest.raises(ModelError, match=setting):
        configuration_of({"model": {part: {setting: value}}})
