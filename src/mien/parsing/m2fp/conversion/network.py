"""The whole M2FP network (Yang et al., *Deep Learning Technique for Human Parsing*, 2023) in PyTorch.

It is a Mask2Former (Cheng et al., 2022) whose classes are background, body parts and whole humans. Differentiable,
of any `Architecture`, with the published checkpoint's names for its weights.
"""

from torch import Tensor, nn

from mien.parsing.m2fp.conversion.architecture import Architecture
from mien.parsing.m2fp.conversion.backbone import Backbone, NormedConvolution
from mien.parsing.m2fp.conversion.decoder import Decoder, Prediction
from mien.parsing.m2fp.conversion.pixel_decoder import PixelDecoder


class M2fp(nn.Module):
    """float (n, 3, h, w), normalised RGB, h and w multiples of 32 → class logits (n, queries, classes + 1), the last
    for "nothing", and mask logits (n, queries, h/4, w/4)."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.backbone = Backbone(architecture)
        self.sem_seg_head = nn.Module()
        self.sem_seg_head.pixel_decoder = PixelDecoder(architecture)
        self.sem_seg_head.predictor = Decoder(architecture)

    def forward(self, batch: Tensor) -> Prediction:
        return self.sem_seg_head.predictor(*self.sem_seg_head.pixel_decoder(self.backbone(batch)))

    def predictions(self, batch: Tensor) -> list[Prediction]:
        """Those of every layer, the last one last: what training compares with the truth."""
        return self.sem_seg_head.predictor.predictions(*self.sem_seg_head.pixel_decoder(self.backbone(batch)))

    def fold(self) -> "M2fp":
        """Make the batch norms part of their convolutions, for good."""
        for module in list(self.modules()):
            if isinstance(module, NormedConvolution):
                module.fold()
        return self.eval()
