"""An independent M2FP to compare with: Hugging Face's Mask2Former, whose backbone gets the stem that M2FP's has.

It computes what the published code does: the same operations in the same order, nothing folded or rearranged. And
weights for it, as the published ones may not be passed on. Needs the extra `m2fp-test`.
"""

import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, ResNetConfig
from transformers.models.resnet.modeling_resnet import ResNetConvLayer

from mien.parsing.m2fp.conversion.architecture import Architecture, Stage
from mien.parsing.m2fp.conversion.network import M2fp

SMALL = Architecture(
    stem=(8, 8, 16),
    stages=(Stage(1, 8, 32), Stage(1, 12, 48), Stage(2, 16, 64), Stage(1, 20, 80)),
    hidden=64,
    mask=32,
    encoder_layers=2,
    encoder_feed=96,
    decoder_layers=4,
    decoder_feed=80,
    queries=20,
)
"""Narrow and shallow, but with everything in it that the published network has."""

_PIXEL, _QUERY = "model.pixel_level_module", "model.transformer_module"
_BACKBONE = (
    (r"^backbone\.stem\.conv(\d)", lambda m: f"{_PIXEL}.encoder.embedder.embedder.{int(m[1]) - 1}"),
    (r"^backbone\.res(\d)\.(\d+)", lambda m: f"{_PIXEL}.encoder.encoder.stages.{int(m[1]) - 2}.layers.{m[2]}"),
    (r"\.conv(\d)\.", lambda m: f".layer.{int(m[1]) - 1}."),
    (r"\.norm\.", ".normalization."),
    (r"(?<!normalization)\.weight$", ".convolution.weight"),
)
_PIXEL_DECODER = (
    (r"^sem_seg_head\.pixel_decoder", f"{_PIXEL}.decoder"),
    (r"(adapter|layer)_1\.norm\.", r"\1_1.1."),
    (r"(adapter|layer)_1\.weight", r"\1_1.0.weight"),
    (r"\.input_proj\.", ".input_projections."),
    (r"\.mask_features\.", ".mask_projection."),
    (r"\.transformer\.", "."),
    (r"\.norm1\.", ".self_attn_layer_norm."),
    (r"\.norm2\.", ".final_layer_norm."),
    (r"\.linear(\d)\.", r".fc\1."),
)
_DECODER = (
    (r"^sem_seg_head\.predictor\.class_embed", "class_predictor"),
    (r"^sem_seg_head\.predictor", _QUERY),
    (r"\.query_feat\.", ".queries_features."),
    (r"\.query_embed\.", ".queries_embedder."),
    (r"\.decoder_norm\.", ".decoder.layernorm."),
    (r"\.mask_embed\.layers\.(\d)\.", r".decoder.mask_predictor.mask_embedder.\1.0."),
    (r"\.transformer_(self|cross)_attention_layers\.(\d+)\.norm\.", r".decoder.layers.\2.\1_attn_layer_norm."),
    (r"\.transformer_ffn_layers\.(\d+)\.norm\.", r".decoder.layers.\1.final_layer_norm."),
    (r"\.transformer_\w+_layers\.(\d+)\.", r".decoder.layers.\1."),
    (r"\.multihead_attn\.", ".cross_attn."),
    (r"\.linear(\d)\.", r".fc\1."),
)
_RULES = {"backbone": _BACKBONE, "pixel_decoder": _PIXEL_DECODER, "predictor": _DECODER}


@dataclass(frozen=True)
class Steps:
    """What the reference made of a batch, stage by stage."""

    backbone: list[Tensor]
    """(n, channels, h, w) each, finest first."""
    features: Tensor
    """For masks: (n, mask, h/4, w/4)."""
    levels: list[Tensor]
    """(n, hidden, h, w) each, coarsest first."""
    queries: list[Tensor]
    """(n, queries, hidden) before and after each decoder layer."""
    opened: list[Tensor]
    """What each decoder layer let its queries attend to: bool (n, queries, tokens)."""
    logits: Tensor
    masks: Tensor


class Reference:
    """Hugging Face's Mask2Former with an M2FP's weights."""

    def __init__(self, network: M2fp) -> None:
        plan = network.architecture
        self.model = Mask2FormerForUniversalSegmentation(_configuration(plan)).eval()
        channels = (3, *plan.stem)
        self.model.model.pixel_level_module.encoder.embedder.embedder = nn.Sequential(
            *(ResNetConvLayer(a, b, stride=2 if a == 3 else 1) for a, b in zip(channels, plan.stem, strict=False))
        ).eval()
        self.model.load_state_dict(_renamed(network.state_dict(), plan.decoder_layers) | _criterion(self.model))

    @torch.no_grad()
    def __call__(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        answer = self.model(batch, output_hidden_states=True, output_auxiliary_logits=False)
        return answer.class_queries_logits, answer.masks_queries_logits

    @torch.no_grad()
    def steps(self, batch: Tensor) -> Steps:
        """Everything between the photo and the answer; the decoder's parts by hooks, as it does not hand them out."""
        opened: list[Tensor] = []

        def note(_module: nn.Module, _inputs: object, options: dict[str, Tensor]) -> None:
            mask = options["attn_mask"].unflatten(0, (batch.shape[0], -1))[:, 0]
            opened.append(~mask.bool())

        decoder = self.model.model.transformer_module.decoder
        hooks = [layer.cross_attn.register_forward_pre_hook(note, with_kwargs=True) for layer in decoder.layers]
        pixel = self.model.model.pixel_level_module
        backbone = list(pixel.encoder(batch).feature_maps)
        decoded = pixel.decoder(backbone)
        answer = self.model(batch, output_hidden_states=True, output_auxiliary_logits=False)
        for hook in hooks:
            hook.remove()
        queries = [state.transpose(0, 1) for state in answer.transformer_decoder_hidden_states]
        return Steps(
            backbone=backbone,
            features=decoded.mask_features,
            levels=list(decoded.multi_scale_features),
            queries=queries,
            opened=opened,
            logits=answer.class_queries_logits,
            masks=answer.masks_queries_logits,
        )


def seeded(architecture: Architecture, seed: int = 0) -> M2fp:
    """A network of random weights, none of them at its neutral value: statistics of batch norms that do not quite fit
    the data, norms that scale and shift, sampling offsets and attention that depend on the place."""
    torch.manual_seed(seed)
    network = M2fp(architecture)
    statistics = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.ndim == 1 and name.endswith("weight"):
                weight.uniform_(0.5, 1.5)
            elif name.endswith("bias"):
                weight.add_(torch.randn_like(weight) * 0.1)
            elif "sampling_offsets" in name or "attention_weights" in name:
                weight.normal_(0, 1 / architecture.hidden**0.5)
            if ".conv3.norm.weight" in name and ".res" in name:
                weight.mul_(0.3)  # or what 33 residual blocks add up to overflows
        for module in statistics:
            module.momentum = None
        network.train()(torch.randn(1, 3, 96, 128))
        for module in statistics:
            module.momentum = 0.1
            module.running_mean.add_(0.1 * torch.randn_like(module.running_mean) * module.running_var.sqrt())
            module.running_var.mul_(torch.empty_like(module.running_var).uniform_(0.8, 1.25))
    return network.eval()


def _configuration(plan: Architecture) -> Mask2FormerConfig:
    return Mask2FormerConfig(
        backbone_config=ResNetConfig(
            embedding_size=plan.stem[-1],
            hidden_sizes=[stage.outer for stage in plan.stages],
            depths=[stage.blocks for stage in plan.stages],
            out_features=["stage1", "stage2", "stage3", "stage4"],
        ),
        feature_size=plan.hidden,
        hidden_dim=plan.hidden,
        mask_feature_size=plan.mask,
        encoder_layers=plan.encoder_layers,
        encoder_feedforward_dim=plan.encoder_feed,
        decoder_layers=plan.decoder_layers + 1,  # it counts the untouched queries as one
        dim_feedforward=plan.decoder_feed,
        num_attention_heads=plan.decoder_heads,
        num_queries=plan.queries,
        num_labels=plan.classes,
    )


def _renamed(state: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    renamed = {}
    for name, weight in state.items():
        part = name.split(".")[1] if name.startswith("sem_seg_head") else "backbone"
        new = name
        for pattern, replacement in _RULES[part]:
            new = re.sub(pattern, replacement, new)
        renamed[new] = weight
    for layer in range(layers):  # self-attention keeps its three projections apart
        prefix = f"{_QUERY}.decoder.layers.{layer}.self_attn"
        for kind in ("weight", "bias"):
            for part, weight in zip("qkv", renamed.pop(f"{prefix}.in_proj_{kind}").chunk(3), strict=True):
                renamed[f"{prefix}.{part}_proj.{kind}"] = weight
    return renamed


def _criterion(model: nn.Module) -> dict[str, Tensor]:
    return {name: value for name, value in model.state_dict().items() if name.startswith("criterion.")}
