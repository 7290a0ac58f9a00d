"""Mien: a photo album that understands people, on its owner's own computer."""

import os

__version__ = "0.1.0"

# From 1.29 on, ONNX Runtime tells its maker of every network it loads unless this is set before it is imported.
# Nothing leaves this machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
