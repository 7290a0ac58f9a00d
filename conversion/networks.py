"""The networks that are converted: the package each comes from, the files in it, and the interface it ships with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx

from conversion import dlib_resnet, tfjs, tflite
from conversion.packages import FACE_API, HUMAN_MODELS, MEDIAPIPE, Package
from conversion.tidy import Interface, Port

_NANODET_HEADS = "PartitionedCall/onnx_tf_prefix_Reshape_"
_FACE_HEADS = "StatefulPartitionedCall/model/reshaped_"
# Where the mask's own layers begin. Cut elsewhere, the halves would not give bit for bit what the whole gave.
_POSE_FEATURES = "model_1/model/add_23/add"


@dataclass(frozen=True, slots=True)
class Source:
    """One shipped network: `name` is its file's without suffix, `members` the package's files, the model first."""

    name: str
    package: Package
    members: tuple[str, ...]
    convert: Callable[[Path], onnx.ModelProto]
    interface: Interface
    #: The range of the input's values, for the check against the shipped file.
    values: tuple[float, float]


PERSONS = Source(
    "persons",
    HUMAN_MODELS,
    ("models/nanodet.json", "models/nanodet.bin"),
    tfjs.convert,
    Interface(
        inputs=(Port("input_1:0", "image", ("n", 3, "h", "w")),),
        outputs=(
            Port("Identity:0", "scores_8", ("n", "cells_8", 80)),
            Port("Identity_1:0", "scores_16", ("n", "cells_16", 80)),
            Port("Identity_2:0", "scores_32", ("n", "cells_32", 80)),
            Port("Identity_3:0", "distances_8", ("n", "cells_8", 44)),
            Port("Identity_4:0", "distances_16", ("n", "cells_16", 44)),
            Port("Identity_5:0", "distances_32", ("n", "cells_32", 44)),
        ),
        # The network is fully convolutional; only these shapes were fixed to one image.
        reshapes={
            **{f"{_NANODET_HEADS}{number}:0": (0, 80, -1) for number in (156, 167, 178)},
            **{f"{_NANODET_HEADS}{number}:0": (0, 44, -1) for number in (159, 170, 181)},
        },
    ),
    values=(-2, 2),
)
FACE_BOXES = Source(
    "face_boxes",
    HUMAN_MODELS,
    ("models/facemesh-detection-full.json", "models/facemesh-detection-full.bin"),
    tfjs.convert,
    Interface(
        inputs=(Port("input:0", "image", ("n", 192, 192, 3)),),
        # The second output, a head for persons, repeats the faces.
        outputs=(Port("Identity:0", "faces", ("n", 2304, 17)),),
        reshapes={
            f"{_FACE_HEADS}classifier_face_4/Reshape:0": (0, 2304, 1),
            f"{_FACE_HEADS}regressor_face_4/Reshape:0": (0, 2304, 16),
        },
    ),
    values=(-1, 1),
)
FACE_MESH = Source(
    "face_mesh",
    MEDIAPIPE,
    ("mediapipe/modules/face_landmark/face_landmark.tflite",),
    tflite.convert,
    Interface(
        inputs=(Port("input_1", "image", ("n", 192, 192, 3)),),
        outputs=(Port("conv2d_21", "points", ("n", 468, 3)), Port("conv2d_31", "presence", ("n", 1))),
        reshapes={"conv2d_21": (0, 468, 3), "conv2d_31": (0, 1)},
    ),
    values=(0, 1),
)
POSE = Source(
    "pose",
    MEDIAPIPE,
    ("mediapipe/modules/pose_landmark/pose_landmark_full.tflite",),
    tflite.convert,
    Interface(
        inputs=(Port("input_1", "image", ("n", 256, 256, 3)),),
        outputs=(
            Port("Identity", "landmarks", ("n", 39, 5)),
            Port("Identity_1", "presence", ("n", 1)),
            Port(_POSE_FEATURES, "features", ("n", 8, 128, 128)),
        ),
        reshapes={"Identity": (0, 39, 5), "Identity_1": (0, 1)},
    ),
    values=(0, 1),
)
POSE_MASK = Source(
    "pose_mask",
    MEDIAPIPE,
    POSE.members,
    tflite.convert,
    Interface(
        inputs=(Port(_POSE_FEATURES, "features", ("n", 8, 128, 128)),),
        outputs=(Port("Identity_2", "mask", ("n", 256, 256, 1)),),
        reshapes={"Identity_2": (0, 256, 256, 1)},
    ),
    values=(0, 12),
)
FACE_VECTOR = Source(
    "face_vector",
    FACE_API,
    ("model/face_recognition_model-weights_manifest.json", "model/face_recognition_model.bin"),
    dlib_resnet.convert,
    Interface(
        inputs=(Port("chip", "chip", ("n", 3, 150, 150)),),
        outputs=(Port("vector", "vector", ("n", 128)),),
    ),
    values=(0, 255),
)
SOURCES = (PERSONS, FACE_BOXES, FACE_MESH, POSE, POSE_MASK, FACE_VECTOR)
