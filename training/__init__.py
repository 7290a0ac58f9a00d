"""Trains the part network that ships as `parser.onnx`. See README.md: data, commands, what was found."""

import mien  # noqa: F401 - before ONNX Runtime, which else tells its maker what it runs
