"""One real input per network, cut from the public-domain astronaut by whole pixels, so that every machine has the same.

`python -m tests.vision.golden_inputs` runs the shipped networks on them and writes a sample of each output to
`golden/<network>.npz`. Do that only when a network changes, and say in its card how the outputs moved.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mien.vision.session import manifest

GOLDEN = Path(__file__).parent / "golden"
MODELS = Path(__file__).parents[2] / "src" / "mien" / "vision" / "models"
SAMPLES = 96


def inputs(photo: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Network → a batch of one, as the manifest describes it; `photo` is the astronaut, uint8 (512, 512, 3)."""
    mean, deviation = np.array([103.53, 116.28, 123.675]), np.array([57.375, 57.12, 58.395])
    bars = np.zeros((352, 256, 4))
    bars[120:280, 100:124, :3] = 255
    bars[:, :40, 3] = 255
    values = {
        "persons": ((_thinned(photo, 416)[:, :, ::-1] - mean) / deviation).transpose(2, 0, 1),
        "face_boxes": _thinned(photo, 192) / 127.5 - 1,
        "face_mesh": photo[20:212, 128:320] / 255,
        "pose": _thinned(photo, 256) / 255,
        "face_vector": photo[42:192, 150:300].transpose(2, 0, 1),
        "parser": np.concatenate([photo[:352, 112:368], bars], 2).transpose(2, 0, 1),
    }
    batches = {name: np.ascontiguousarray(value[None], np.float32) for name, value in values.items()}
    return batches | {"pose_mask": run("pose", batches["pose"])["features"]}


def run(name: str, batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """The outputs of a shipped network, by name."""
    session = onnxruntime.InferenceSession(MODELS / f"{name}.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: batch}), strict=True))


def _thinned(photo: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The photo at side × side, by leaving out rows and columns."""
    keep = np.arange(side) * len(photo) // side
    return photo[keep][:, keep]


def _sample(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places in the flattened output: half spread evenly, half where it is largest."""
    spread = np.linspace(0, values.size - 1, min(SAMPLES, values.size)).astype(np.int64)
    largest = np.argsort(-np.abs(values.ravel()), kind="stable")[:SAMPLES]
    return np.union1d(spread, largest)


def main() -> None:
    from skimage import data

    batches = inputs(np.asarray(data.astronaut(), np.uint8))
    for name in manifest():
        golden = {}
        for output, values in run(name, batches[name]).items():
            golden[f"{output}.places"] = _sample(values).astype(np.int32)
            golden[f"{output}.values"] = values.ravel()[golden[f"{output}.places"]]
        np.savez_compressed(GOLDEN / f"{name}.npz", **golden)


if __name__ == "__main__":
    main()
