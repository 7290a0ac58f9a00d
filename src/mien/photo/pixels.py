"""Any picture that Pillow decodes → upright sRGB pixels."""

import functools
import io
import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Picture = NDArray[np.uint8]

_BAND_PIXELS = 1 << 24  # converted at a time, so that a huge picture needs little more than its decoded self
_LARGEST_PROFILE = 8 << 20  # bytes; real ones have at most 3 MB
_GREY_16 = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})


def upright(pixels: Picture, orientation: int) -> Picture:
    """Undo EXIF orientation 1–8 (CIPA DC-008, 4.6.5) on an (h, w, 3) array; any other number leaves it."""
    match orientation:
        case 2:
            turned = cv2.flip(pixels, 1)
        case 3:
            turned = cv2.rotate(pixels, cv2.ROTATE_180)
        case 4:
            turned = cv2.flip(pixels, 0)
        case 5:
            turned = cv2.transpose(pixels)
        case 6:
            turned = cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE)
        case 7:
            turned = cv2.flip(cv2.transpose(pixels), -1)
        case 8:
            turned = cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)
        case _:
            return pixels
    return np.asarray(turned, np.uint8)


def srgb(image: Image.Image, *, halvings: int = 0, bits: int | None = None) -> Picture:
    """A loaded picture as sRGB, uint8 (h, w, 3), not yet upright, each side divided by 2**halvings (rounded up).

    Transparent parts are white. Grey of more than 8 bits is scaled: 16-bit by its depth (`bits`, if less than 16 of
    them are used), 32-bit and floating point by the range that its values use. An embedded colour profile
    is applied if it can be.
    """
    factor = 1 << halvings
    convert = _converter(image, bits)
    to_srgb = _profile_transform(image)
    rows = max(1, _BAND_PIXELS // image.width // factor) * factor
    out = np.empty((math.ceil(image.height / factor), math.ceil(image.width / factor), 3), np.uint8)
    for top in range(0, image.height, rows):
        whole = rows >= image.height
        band = convert(image if whole else image.crop((0, top, image.width, min(top + rows, image.height))))
        if factor > 1:
            band = band.reduce(factor)
        out[top // factor : (top + rows) // factor] = np.asarray(to_srgb(band))
    return out


def _converter(image: Image.Image, bits: int | None) -> Callable[[Image.Image], Image.Image]:
    """To a mode without transparency and with 8 bits: L, RGB, CMYK or LAB."""
    if image.mode in _GREY_16 or image.mode in ("I", "F"):
        return _grey_scaler(image, bits)
    transparent = "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa")

    def convert(band: Image.Image) -> Image.Image:
        if transparent:
            band = band.convert("RGBA")
            on_white = Image.new("RGB", band.size, "white")
            on_white.paste(band, mask=band.getchannel("A"))
            return on_white
        return band if band.mode in ("RGB", "L", "CMYK", "LAB") else band.convert("RGB")

    return convert


def _grey_scaler(image: Image.Image, bits: int | None) -> Callable[[Image.Image], Image.Image]:
    low, high = 0.0, 65535.0
    if image.mode in _GREY_16:
        high = float((1 << bits) - 1) if bits else high
    else:
        low, high = _range_used(image)
    clear = image.info.get("transparency")  # PNG: one value that is not to be seen

    def convert(band: Image.Image) -> Image.Image:
        values = np.nan_to_num(np.asarray(band, np.float32), posinf=high, neginf=low)
        scaled = (values - low) * (255 / max(high - low, 1e-30))
        if isinstance(clear, int):
            scaled[values == clear] = 255
        return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8))

    return convert


def _range_used(image: Image.Image) -> tuple[float, float]:
    """What is black and what is white in 32-bit grey: 0–1, 0–255 or 0–65535 if all values fit, else their range."""
    values = np.asarray(image)
    finite = np.isfinite(values)
    if not finite.any():
        return 0.0, 1.0
    any_value = values.flat[int(finite.argmax())]
    low = float(values.min(where=finite, initial=any_value))
    high = float(values.max(where=finite, initial=any_value))
    if low >= 0:
        for white in (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0):
            if high <= white:
                return 0.0, white
    return low, high


def _profile_transform(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """From the picture's colours to sRGB, by its profile; without a usable one its numbers are taken as sRGB."""
    profile = image.info.get("icc_profile")
    usable = isinstance(profile, bytes) and 0 < len(profile) <= _LARGEST_PROFILE

    def transform(band: Image.Image) -> Image.Image:
        by_profile = _transform(profile, band.mode) if usable or band.mode == "LAB" else None
        if by_profile is not None:
            return ImageCms.applyTransform(band, by_profile) or band
        return band if band.mode == "RGB" else band.convert("RGB")

    return transform


@functools.lru_cache(maxsize=8)
def _transform(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None for a broken profile, one for another mode, and sRGB itself."""
    target = ImageCms.createProfile("sRGB")
    try:
        if mode == "LAB":
            return ImageCms.buildTransform(ImageCms.createProfile("LAB"), target, mode, "RGB")
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        if mode == "RGB" and (ImageCms.getProfileDescription(source) or "").startswith("sRGB"):
            return None
        return ImageCms.buildTransform(source, target, mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
