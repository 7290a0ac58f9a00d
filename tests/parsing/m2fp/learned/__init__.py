"""A small M2FP that has learned: from drawn people, so that its answers mean something and may be passed on."""

from pathlib import Path

CHECKPOINT = Path(__file__).with_name("network.pt")
"""In the published format; `training` makes it."""
