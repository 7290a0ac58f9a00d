"""The identity of a photo."""

import hashlib

from mien.photo.containers import Anatomy, dissect
from mien.photo.exif import Exif


def photo_key(data: bytes, anatomy: Anatomy | None = None) -> str:
    """The hex sha256 of the picture in an image file, as it is encoded, and of how it is turned.

    A rating, caption, place, time or embedded thumbnail that another tool writes or removes does not change it;
    anything that changes the pixels does, an embedded colour profile included. Where a format keeps picture and
    words in one (BMP, PSD, RAW, …) or a file is too broken to tell, all its bytes count.
    """
    anatomy = anatomy or dissect(data)
    digest = hashlib.sha256()
    for part in anatomy.picture:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    digest.update(bytes([Exif.read(anatomy).orientation]))
    return digest.hexdigest()
