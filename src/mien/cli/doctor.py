"""`mien doctor`: what is installed, which engines work, how fast this computer is."""

import importlib
import importlib.metadata
import importlib.util
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import psutil

import mien
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_json, print_table, say
from mien.errors import MienError
from mien.language import text
from mien.parsing.remote.address import Address, is_address

LIBRARIES = {
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "opencv-python-headless": "cv2",
    "pillow": "PIL.Image",
    "pi-heif": "pi_heif",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
}
"""What Mien stands on: package → the module to load."""


@click.command(help=text("cli.doctor.help"), short_help=text("cli.doctor.summary"))
@click.option("--engine", metavar="ADDRESS", help=text("cli.doctor.engine-address"))
@library_option
@json_option
def command(engine: str | None, library_folder: Path | None, as_json: bool) -> None:
    if engine is not None and is_address(engine):
        Address.of(engine)  # before anything of it is shown
    faults = {name: _fault(importlib.import_module, module) for name, module in LIBRARIES.items()}
    report: dict[str, Any] = {
        "mien": mien.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "libraries": {name: fault or importlib.metadata.version(name) for name, fault in faults.items()},
        "formats": None,
        "models": {},
        "engines": {},
        "library": _library(library_folder),
        "speed": None,
    }
    if not any(faults.values()):
        report |= _engines([engine] if engine else [])
    if as_json:
        print_json(report)
    else:
        _show(report)
    asked_in_vain = engine is not None and report["engines"].get(engine) is not None
    if report["speed"] is None or report["library"]["error"] is not None or asked_in_vain:
        raise MienError("not-healthy")


def _engines(asked: list[str]) -> dict[str, Any]:
    """What only loads once all libraries do."""
    from mien.cli.speed import measure
    from mien.parsing.engines import ENGINES, create_parser
    from mien.vision.session import Network, manifest

    models = {name: _fault(Network, name) for name in manifest()}
    engines = {name: _fault(create_parser, name) for name in (*ENGINES, *asked)}
    works = not any(models.values()) and engines["lite"] is None
    return {"formats": _formats(), "models": models, "engines": engines, "speed": measure() if works else None}


def _formats() -> dict[str, bool]:
    from PIL import features

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
    except Exception as error:  # a library that cannot load may raise anything
        return f"{type(error).__name__}: {error}"
    return None


def _library(folder: Path | None) -> dict[str, Any]:
    try:
        with Library.open(folder) as library:
            return {"folder": str(library.folder), "network_drive": library.on_network_drive, "error": None}
    except MienError as error:
        return {"folder": str(folder or ""), "network_drive": False, "error": error.message()}


def _show(report: dict[str, Any]) -> None:
    yes, no = text("cli.doctor.yes"), text("cli.doctor.no")
    rows: list[tuple[str, object]] = [
        ("Mien", report["mien"]),
        ("Python", report["python"]),
        (text("cli.doctor.system"), report["system"]),
        (text("cli.doctor.cores"), report["cores"]),
        (text("cli.doctor.memory"), f"{report['memory_gb']} GB"),
        *report["libraries"].items(),
        *((name, yes if works else no) for name, works in (report["formats"] or {}).items()),
        *((text("cli.doctor.model", name=name), error or yes) for name, error in report["models"].items()),
        *((text("cli.doctor.engine", name=name), error or yes) for name, error in report["engines"].items()),
        (text("cli.doctor.library"), report["library"]["error"] or report["library"]["folder"]),
    ]
    if report["speed"]:
        rows += [(text(f"cli.doctor.{name}"), f"{value} ms") for name, value in report["speed"].items()]
    print_table((text("cli.doctor.what"), text("cli.doctor.how")), rows)
    if report["library"]["network_drive"]:
        say(text("cli.network-drive"))
