"""Nothing leaves this machine: not even what the library that runs the networks would tell its maker."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNS_A_NETWORK = """
import numpy as np
from mien.vision.session import network
network("face_vector")(np.zeros((1, 3, 150, 150), np.float32))
"""
"""The state of ONNX Runtime's telemetry lies in the folder for temporary files as soon as it begins."""


def run(code: str, temporary: Path) -> None:
    silencing = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS")  # of which users have none set
    environment = {name: value for name, value in os.environ.items() if name not in silencing}
    subprocess.run([sys.executable, "-c", code], env={**environment, "TMPDIR": str(temporary)}, check=True, timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another way, which leaves no file")
@pytest.mark.parametrize("first", ["", "import mien.cli", "import mien.faces.embedder", "import mien.web.app"])
def test_running_a_network_tells_nobody(first: str, tmp_path: Path) -> None:
    run(f"{first}\n{RUNS_A_NETWORK}", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another way, which leaves no file")
def test_this_would_notice_if_it_did(tmp_path: Path) -> None:
    run("import onnxruntime", tmp_path)
    if not list(tmp_path.iterdir()):
        pytest.skip("this release of ONNX Runtime has no telemetry here")
