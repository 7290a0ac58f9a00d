"""Networks that a user may fetch: which there are, how they come here, and where they are kept."""

import os
from pathlib import Path


def folder() -> Path:
    """Where fetched and converted models are kept: `MIEN_MODELS`, else the platform's folder for the user's data."""
    if chosen := os.environ.get("MIEN_MODELS"):
        return Path(os.path.abspath(Path(chosen).expanduser()))  # noqa: PTH100 (keeps links, unlike resolve)
    from platformdirs import user_data_path

    return user_data_path("mien", appauthor=False) / "models"
