"""A hub, and no way to any other."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mien.models.registry import known_models
from mien.models.store import Place
from tests.models.hub import Hub, serving


@pytest.fixture(autouse=True)
def _no_other_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("MODELSCOPE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A running hub that has a small checkpoint; it is the default one."""
    with serving() as running:
        running.has(bytes(range(256)) * 40)
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", running.address)
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where M2FP is kept."""
    return Place(known_models()["m2fp"], tmp_path / "models")
