"""Trains the part network that ships as `parser.onnx`. See README.md: data, commands, what was found."""
