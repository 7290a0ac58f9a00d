"""Stars, as other programs write them."""

import io

import pytest
from PIL import Image

from mien.photo.reading import read_photo

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"{attributes}>{elements}</rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
)


def stars(attributes: str = "", elements: str = "", exif: int | None = None) -> int | None:
    tags = Image.Exif()
    if exif is not None:
        tags[0x4746] = exif
    file = io.BytesIO()
    xmp = XMP.format(attributes=attributes, elements=elements).encode()
    Image.new("RGB", (64, 48)).save(file, "JPEG", exif=tags, xmp=xmp)
    return read_photo(file.getvalue(), name="a.jpg").metadata.rating


def test_most_photos_have_none() -> None:
    assert stars() is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [("5", 5), ("4.0", 4), ("0", None), ("-1", None), ("75", 4), ("6", None), ("", None), ("five", None), ("nan", None),
     ("inf", None), ("1e400", None), ("9" * 399, None)],
)  # fmt: skip
def test_as_xmp_has_them(said: str, expected: int | None) -> None:
    assert stars(f' xmp:Rating="{said}"') == expected
    assert stars(elements=f"<xmp:Rating>{said}</xmp:Rating>") == expected


@pytest.mark.parametrize(("said", "expected"), [(1, 1), (5, 5), (0, None), (99, 5), (60000, None)])
def test_as_exif_has_them(said: int, expected: int | None) -> None:
    assert stars(exif=said) == expected


def test_xmp_is_believed_first() -> None:
    assert stars(' xmp:Rating="2"', exif=5) == 2
    assert stars(' xmp:Rating="-1"', exif=5) is None
    assert stars(' MicrosoftPhoto:Rating="75"', exif=4) == 4
    assert stars(' xmp:RatingPercent="99" xmp:Label="Rating"') is None
