"""`mien doctor`: what is installed, which engines work, how fast this computer is."""

import importlib.metadata
import importlib.util
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import psutil
from PIL import features

import mien
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json, print_table, say
from mien.errors import MienError
from mien.language import text
from mien.parsing.engines import ENGINES, PLANNED, create_parser
from mien.vision.face_boxes import FaceDetector
from mien.vision.face_mesh import FaceMesher
from mien.vision.face_vector import CHIP, FaceVectors
from mien.vision.persons import PersonDetector
from mien.vision.pose import PoseEstimator
from mien.vision.session import Network, manifest

LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "pillow", "pi-heif", "scikit-learn", "scipy")


@click.command(help=text("cli.doctor.help"), short_help=text("cli.doctor.summary"))
@library_option
@json_option
def command(library_folder: Path | None, as_json: bool) -> None:
    report: dict[str, Any] = {
        "mien": mien.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "formats": _formats(),
        "models": {name: _fault(Network, name) for name in manifest()},
        "engines": {name: _fault(create_parser, name) for name in (*ENGINES, *PLANNED)},
        "library": _library(library_folder),
    }
    healthy = not any(report["models"].values()) and report["engines"]["lite"] is None
    healthy = healthy and report["library"]["error"] is None
    report["speed"] = _speed() if healthy else None
    if as_json:
        print_json(report)
    else:
        _show(report)
    if not healthy:
        raise MienError("not-healthy")


def _formats() -> dict[str, bool]:
    return {
        "HEIC": importlib.util.find_spec("pi_heif") is not None,
        "AVIF": bool(features.check("avif")),
        "WebP": bool(features.check("webp")),
        "JPEG 2000": bool(features.check("jpg_2000")),
        "RAW": importlib.util.find_spec("rawpy") is not None,
    }


def _fault(load: Callable[[str], object], name: str) -> str | None:
    """Why it cannot be loaded; None if it can."""
    try:
        load(name)
    except MienError as error:
        return error.message()
    return None


def _library(folder: Path | None) -> dict[str, Any]:
    try:
        with Library.open(folder) as library:
            return {"folder": str(library.folder), "network_drive": library.on_network_drive, "error": None}
    except MienError as error:
        return {"folder": str(folder or ""), "network_drive": False, "error": error.message()}


def _speed() -> dict[str, float]:
    """Milliseconds of one core: for looking at any photo, and for each person and face in it."""
    image = np.random.default_rng(0).integers(0, 255, (768, 1024, 3), np.uint8)
    box = np.array([300.0, 50, 700, 750])
    keypoints = np.array([[450.0, 200], [550, 200], [500, 250], [500, 300], [400, 220], [600, 220]])
    parser_input = np.zeros((1, 6, 320, 224), np.float32)
    persons, faces, poses, parts = PersonDetector(), FaceDetector(), PoseEstimator(), Network("parser")
    mesher, vectors = FaceMesher(), FaceVectors()
    chips = np.zeros((1, CHIP, CHIP, 3), np.uint8)
    return {
        "ms_per_photo": _ms(lambda: (persons(image), faces(image))),
        "ms_per_person": _ms(lambda: (poses(image, box), parts(parser_input))),
        "ms_per_face": _ms(lambda: (mesher(image, box, keypoints), vectors(chips))),
    }


def _ms(work: Callable[[], object], rounds: int = 5) -> float:
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return round(sorted(times)[rounds // 2] * 1000, 1)


def _show(report: dict[str, Any]) -> None:
    yes, no = text("cli.doctor.yes"), text("cli.doctor.no")
    rows: list[tuple[str, object]] = [
        ("Mien", report["mien"]),
        ("Python", report["python"]),
        (text("cli.doctor.system"), report["system"]),
        (text("cli.doctor.cores"), report["cores"]),
        (text("cli.doctor.memory"), f"{report['memory_gb']} GB"),
        *report["libraries"].items(),
        *((name, yes if works else no) for name, works in report["formats"].items()),
        *((text("cli.doctor.model", name=name), error or yes) for name, error in report["models"].items()),
        *((text("cli.doctor.engine", name=name), error or yes) for name, error in report["engines"].items()),
        (text("cli.doctor.library"), report["library"]["error"] or report["library"]["folder"]),
    ]
    if report["speed"]:
        rows += [(text(f"cli.doctor.{name}"), f"{value} ms") for name, value in report["speed"].items()]
    print_table((text("cli.doctor.what"), text("cli.doctor.how")), rows)
    if report["library"]["network_drive"]:
        say(text("cli.network-drive"))
