"""The bytes of an image file → upright sRGB pixels, by Pillow, libheif and, for raw files, LibRaw."""

import contextlib
import functools
import importlib.metadata
import io
import math
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from mien.errors import UnreadablePhoto
from mien.photo import raw
from mien.photo.containers import Anatomy, dissect, png
from mien.photo.exif import ORIENTATION, Exif
from mien.photo.formats import HEADER_BYTES, PILLOW_FORMATS, FileKind, sniff_bytes
from mien.photo.limits import Limits
from mien.photo.pixels import Picture, srgb, upright

_BROKEN = (OSError, SyntaxError, ValueError)
"""What Pillow raises for damaged pictures, and `ValueError` for bombs in the texts of sound ones."""
_END_OF_JPEG = b"\xff\xd9"
_PILLOWS_SWITCH = threading.Lock()
_LEAST_SHOWN = 0.5  # of a file that is cut off; less is no photo any more
_BITS_PER_SAMPLE = 258
_PEAK_BYTES_PER_PIXEL = {"WEBP": 17, "AVIF": 11, "HEIF": 11, "JPEG2000": 17}
"""What decoding needs at its peak, measured; the others need at most 7."""


_VERSION = "3"


def decoder_fingerprint() -> str:
    """Changes whenever a file could be read otherwise than before: with this room's version or a decoder's."""

    def version(package: str) -> str:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return "none"

    return " ".join([f"photo {_VERSION}", *(f"{name} {version(name)}" for name in ("pillow", "pi-heif", "rawpy"))])


@dataclass(frozen=True, eq=False)
class Decoded:
    """Upright sRGB pixels, uint8 (h, w, 3), and the upright size of the full picture in px."""

    pixels: Picture
    width: int
    height: int
    format: str
    truncated: bool = False


@dataclass(frozen=True)
class Task:
    """One file to decode: what it is called in messages, its parts, and how large the result may be."""

    file: str
    anatomy: Anatomy
    long_side: int | None
    limits: Limits


def decode(data: bytes, name: str, task: Task) -> Decoded:
    """The first picture of a file called `name`. Raises `UnreadablePhoto`, or whatever a decoder raises."""
    if raw.may_be_raw(data, name):
        return _raw(data, task)
    try:
        return _by_pillow(data, task)
    except _BROKEN as error:
        try:
            return _damaged(data, task)
        except _BROKEN:
            if not isinstance(error, UnidentifiedImageError):
                raise error from None
        is_video = sniff_bytes(data[:HEADER_BYTES], name) is FileKind.VIDEO
        raise UnreadablePhoto("photo-is-video" if is_video else "photo-not-image", file=task.file) from None


def _damaged(data: bytes, task: Task) -> Decoded:
    """What is left of a damaged JPEG or PNG. Raises what a decoder raises if that is too little, or another format."""
    if data.startswith(b"\xff\xd8"):  # libjpeg fills up what a cut-off file lacks, once it sees an end marker
        return _by_pillow(data + _END_OF_JPEG, task, cut_off=True)
    still = png.still(data)
    try:
        return _by_pillow(still, task)  # the picture itself is whole
    except _BROKEN:
        with _filling_up():
            return _by_pillow(still, task, cut_off=True)


@contextlib.contextmanager
def _filling_up() -> Iterator[None]:
    """Have Pillow leave empty what a damaged file lacks. The switch is the whole process's: one file at a time."""
    with _PILLOWS_SWITCH:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False


def halvings(size: tuple[int, int], long_side: int | None) -> int:
    """How often the long side must be halved (rounding up) to be at most `long_side`."""
    times = 0
    while long_side is not None and math.ceil(max(size) / 2**times) > max(long_side, 1):
        times += 1
    return times


def _by_pillow(
    data: bytes, task: Task, *, orientation: int | None = None, cut_off: bool = False, smaller: bool = True
) -> Decoded:
    """`orientation` overrides what the file says; `smaller` lets the decoder itself reduce."""
    if task.anatomy.scans > task.limits.max_scans:
        raise UnreadablePhoto("photo-too-many-scans", file=task.file, limit=task.limits.max_scans)
    with Image.open(io.BytesIO(data), formats=_pillow_formats()) as image:
        size = image.size
        smaller = smaller and _decode_smaller(image, halvings(size, task.long_side))
        most = task.limits.max_pixels
        if not smaller:
            most = min(most, task.limits.max_memory // _PEAK_BYTES_PER_PIXEL.get(image.format or "", 7))
        if size[0] * size[1] > most:
            raise UnreadablePhoto("photo-too-many-pixels", file=task.file, limit=most // 10**6)
        try:
            image.load()
        except (OSError, ValueError):
            if smaller and image.format == "JPEG2000":  # it holds fewer sizes than hoped for
                return _by_pillow(data, task, orientation=orientation, smaller=False)
            raise
        pixels = srgb(image, halvings=halvings(image.size, task.long_side), bits=_bits(image))
        if cut_off and _share_shown(pixels) < _LEAST_SHOWN:
            raise UnreadablePhoto("photo-truncated", file=task.file)
        if not smaller:
            size = image.size  # some formats know it only once they are decoded
        if orientation is None:
            orientation = _orientation_left(image, task.anatomy)
        width, height = size[::-1] if orientation >= 5 else size
        return Decoded(upright(pixels, orientation), width, height, image.format or "", cut_off)


@functools.cache
def _pillow_formats() -> tuple[str, ...]:
    """Set Pillow up for this room, once for the process, and say which of our formats it can open."""
    import pi_heif

    pi_heif.register_heif_opener()
    Image.init()
    Image.MAX_IMAGE_PIXELS = Limits().max_pixels // 2  # beyond twice this Pillow refuses, also deep inside a file
    warnings.filterwarnings("ignore", module=r"PIL\.")  # on broken metadata, which nobody here can mend
    return tuple(name for name in PILLOW_FORMATS if name in Image.OPEN)


def _decode_smaller(image: Image.Image, times: int) -> bool:
    """Have the decoder itself halve the picture, where the format can. Whether it will."""
    if times and image.format in ("JPEG", "MPO"):
        factor = 1 << min(times, 3)
        image.draft(image.mode, (max(1, image.width // factor), max(1, image.height // factor)))
        return True
    if times and image.format == "JPEG2000":
        image.reduce = times  # type: ignore[method-assign, assignment]  # Pillow's way to skip resolution levels
        return True
    return False


def _bits(image: Image.Image) -> int | None:
    """How many bits of a 16-bit sample a TIFF uses, if not all."""
    described = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, ())
    return described[0] if len(described) == 1 and 8 < described[0] < 16 else None


def _orientation_left(image: Image.Image, anatomy: Anatomy) -> int:
    """How a loaded picture is still to be turned.

    Pillow has turned TIFFs already, libheif HEIFs; AVIF's own turn and mirror Pillow gives out as EXIF's.
    """
    try:
        left = image.getexif().get(ORIENTATION, 1)
    except Exception:
        # EXIF that Pillow chokes on may still be legible to us.
        left = 1 if image.format == "TIFF" else Exif.read(anatomy).orientation
    return left if left in range(1, 9) else 1


def _share_shown(pixels: Picture) -> float:
    """The share of rows, from the top, above the even colour with which decoders fill up."""
    fill = pixels[-1, -1].astype(np.int16)
    shown = np.flatnonzero(np.any(np.abs(pixels - fill) > 2, axis=(1, 2)))
    return float(shown[-1] + 1) / len(pixels) if len(shown) else 0.0


def _raw(data: bytes, task: Task) -> Decoded:
    """The camera's own rendering if it is large, else the developed sensor data, else what Pillow finds if large."""
    if shown := raw.preview(data):
        orientation = Exif.read(task.anatomy).orientation
        decoded = _by_pillow(shown, replace(task, anatomy=dissect(shown)), orientation=orientation)
        return Decoded(decoded.pixels, decoded.width, decoded.height, "RAW")
    try:
        pixels = raw.develop(data, task.file)
    except UnreadablePhoto as error:
        return _pillow_instead(data, task, error)
    height, width = pixels.shape[:2]
    reduced = srgb(Image.fromarray(pixels), halvings=halvings((width, height), task.long_side))
    return Decoded(reduced, width, height, "RAW")


def _pillow_instead(data: bytes, task: Task, error: UnreadablePhoto) -> Decoded:
    """What Pillow finds in a raw file, if that is large; else raises `error`."""
    try:
        decoded = _by_pillow(data, task)
    except Exception:
        raise error from None
    if max(decoded.width, decoded.height) < raw.LEAST_PREVIEW:
        raise error
    return decoded
