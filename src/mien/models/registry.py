"""The models that can be fetched, as `registry.toml` lists them."""

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
"""Of a model and of its folder."""

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class KnownFile:
    """A file of a model: its name at the hub and here.

    `about_bytes` is told to the user before the hub has said the true size; more than `max_bytes` are never taken.
    `sha256` is None where this project has not seen the file.
    """

    name: str
    about_bytes: int
    max_bytes: int
    sha256: str | None = None


@dataclass(frozen=True)
class KnownModel:
    """A model by its `name` for users. At the hub it has several `ids`, each perhaps with any of the `revisions`."""

    name: str
    folder: str
    ids: tuple[str, ...]
    revisions: tuple[str, ...]
    page: str
    licence: str
    converted_bytes: int
    checkpoint: KnownFile
    configuration: KnownFile


@functools.cache
def known_models() -> dict[str, KnownModel]:
    """All of them: name → model, in the order of the registry. Nothing that is not listed there can be fetched."""
    table = tomllib.loads(resources.files("mien.models").joinpath("registry.toml").read_text(encoding="utf-8"))
    models = [_model(entry) for entry in table["model"]]
    return {model.name: model for model in models}


def _model(entry: dict[str, Any]) -> KnownModel:
    values = entry | {
        "ids": tuple(entry["ids"]),
        "revisions": tuple(entry["revisions"]),
        "checkpoint": KnownFile(**entry["checkpoint"]),
        "configuration": KnownFile(**entry["configuration"]),
    }
    return KnownModel(**values)
