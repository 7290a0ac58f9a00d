import mien  # noqa: F401 - before ONNX Runtime, which else tells its maker what it runs
