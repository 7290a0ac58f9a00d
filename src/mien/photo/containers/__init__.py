"""Which bytes of a file are its picture and which are said about it, format by format, without decoding."""

from mien.photo.containers.anatomy import Anatomy
from mien.photo.containers.dissection import dissect

__all__ = ["Anatomy", "dissect"]
