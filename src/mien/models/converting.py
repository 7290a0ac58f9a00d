"""A fetched checkpoint becomes the network that is used. It is never opened here: whoever converts does that."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mien.errors import ModelError
from mien.models import configuration
from mien.models.partial import writing
from mien.models.store import Place

Report = Callable[[str], None]
Convert = Callable[[Path, Path, Mapping[str, Any] | None, Report | None], None]
"""(checkpoint, new folder, configuration, report): write the network and its `model.toml` into the folder."""


def convert(place: Place, how: Convert, keep_checkpoint: bool, report: Report) -> None:
    """Convert the checkpoint in `place`, which the caller holds; unless it is to be kept, it is then dropped.

    A file of the user's that cannot be converted is dropped, too; it cannot be told from the true one before.
    Raises `ModelError` if there is no checkpoint, or it is none of this model, `MienError` if the network cannot be
    written, and what `how` raises.
    """
    model = place.model
    if not place.checkpoint.is_file():
        raise ModelError("model-not-fetched", model=model.name)
    place.check_space(model.converted_bytes)
    described = place.configuration
    about = configuration.read(described, model.configuration.max_bytes) if described.is_file() else None
    try:
        with writing(place.converted), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what libraries mutter is not for users
            place.replace_converted(lambda folder: how(place.checkpoint, folder, about, report))
    except ModelError as error:
        if place.origin.get("from") != "file":
            raise
        place.checkpoint.unlink(missing_ok=True)
        if error.values.get("file") != str(place.checkpoint):
            raise
        named = {**error.values, "file": str(place.origin.get("source"))}  # as the user knows it
        raise ModelError(error.code, **named) from error
    if not keep_checkpoint:
        place.checkpoint.unlink(missing_ok=True)
