"""Photos that several quality checks look at are looked at once."""

from pathlib import Path

import pytest

from tests.quality.dressed import Dressed, look


@pytest.fixture(scope="session")
def catalogue(quality_data: Path) -> list[Dressed]:
    return list(look(quality_data / "garment_colour"))


@pytest.fixture(scope="session")
def street(quality_data: Path) -> list[Dressed]:
    return list(look(quality_data / "ccp", split="val"))
