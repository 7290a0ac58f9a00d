"""Mien: a photo album that understands people, on its owner's own computer."""

__version__ = "0.1.0"
