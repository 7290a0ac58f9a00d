"""The published checkpoint of M2FP becomes a network that runs without PyTorch. Needs the extra `m2fp`."""

from mien.parsing.m2fp.conversion.converting import convert

__all__ = ["convert"]
