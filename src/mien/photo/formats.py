"""What a file is, by its content: a photo, a video, or something else.

Formats without a telling first few bytes (TGA, PCX, …) count only when the file's name claims them.
"""

import stat
from enum import StrEnum
from pathlib import Path

HEADER_BYTES = 512


class FileKind(StrEnum):
    PHOTO = "photo"
    VIDEO = "video"
    OTHER = "other"


PILLOW_FORMATS = (
    "JPEG", "MPO", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "HEIF", "JPEG2000", "ICO", "PSD", "PPM", "QOI", "ICNS",
    "DDS", "SGI", "TGA", "PCX", "DIB", "SUN", "CUR", "DCX", "XBM", "XPM", "MSP", "FLI", "FITS", "BLP", "FTEX", "GBR",
    "IM", "IMT", "PCD", "PIXAR", "SPIDER", "XVTHUMB", "MCIDAS",
)  # fmt: skip
"""What may be decoded. Left out: formats that Pillow hands to other programs (EPS, WMF) and its stubs (MPEG, HDF5, …).

AVIF stands before HEIF, for both accept the brand `mif1` and only AVIF's opener looks into the file.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


RAW_SUFFIXES = _words(
    ".3fr .ari .arw .bay .cr2 .cr3 .crw .dcr .dcs .dng .erf .fff .gpr .iiq .k25 .kdc .mef .mos .mrw .nef .nrw .orf "
    ".pef .raf .raw .rw2 .rwl .sr2 .srf .srw .x3f"
)

PHOTO_SUFFIXES = RAW_SUFFIXES | _words(
    ".apng .avif .avifs .bmp .bw .cur .dcx .dds .dib .fits .flc .fli .gbr .gif .heic .heics .heif .heifs .hif .icb "
    ".icns .ico .j2c .j2k .jfif .jif .jp2 .jpc .jpe .jpeg .jpf .jpg .jpx .mpo .msp .pbm .pcd .pcx .pfm .pgm .png .pnm "
    ".ppm .psd .pxr .qoi .ras .rgba .sgi .tga .tif .tiff .vda .vst .webp .xbm .xpm"
)

VIDEO_SUFFIXES = _words(
    ".3g2 .3gp .asf .avi .flv .insv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mxf .ogv .qt .vob .webm .wmv"
)

_PHOTO_MAGIC = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+",
    b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51", b"8BPS\0\x01", b"qoif", b"icns", b"DDS \x7c\0\0\0", b"/* XPM */",
    b"SIMPLE  =", b"\x59\xa6\x6a\x95", b"BLP1", b"BLP2",
    b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"\0MRM", b"FOVb", b"II\x1a\0\0\0HEAPCCDR",
)  # fmt: skip
_PHOTO_BRANDS = (
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1", b"avif", b"avis",
    b"crx ",
)  # fmt: skip
_AUDIO_BRANDS = (b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ")
_VIDEO_MAGIC = (
    b"\x1aE\xdf\xa3",
    b"FLV\x01",
    b"0&\xb2u\x8ef\xcf\x11",
    b"\0\0\x01\xba",
    b"\0\0\x01\xb3",
    b"\x06\x0e+4\x02\x05\x01\x01",
)
_QUICKTIME_ATOMS = (b"moov", b"mdat", b"wide", b"pnot")
_APPLE_DOUBLE = b"\0\x05\x16\x07"  # what macOS leaves beside a file on a foreign disk, under nearly its name


def sniff(path: Path) -> FileKind:
    """What the file at `path` is, from its first bytes; its name decides only where they tell nothing.

    A file that cannot be opened, or is empty, is what its name claims: reading it will say why it failed. Folders,
    pipes and devices are nothing. Reads `HEADER_BYTES`; never raises.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return FileKind.OTHER
        with path.open("rb", buffering=0) as file:
            header = file.read(HEADER_BYTES)
    except (OSError, ValueError):  # a path that no system has is a `ValueError`
        header = b""
    return sniff_bytes(header, path.name)


def sniff_bytes(header: bytes, name: str = "") -> FileKind:
    """What a file with these first bytes (at least `HEADER_BYTES`, or all it has) and this name is."""
    if header.startswith(_APPLE_DOUBLE):
        return FileKind.OTHER
    if _shows_photo(header):
        return FileKind.PHOTO
    if _shows_video(header):
        return FileKind.VIDEO
    suffix = Path(name).suffix.lower()
    if suffix in PHOTO_SUFFIXES:
        return FileKind.PHOTO
    return FileKind.VIDEO if suffix in VIDEO_SUFFIXES else FileKind.OTHER


def _shows_photo(header: bytes) -> bool:
    return (
        header.startswith(_PHOTO_MAGIC)
        or (header[4:8] == b"ftyp" and header[8:12] in _PHOTO_BRANDS)
        or (header[:4] == b"RIFF" and header[8:12] == b"WEBP")
        or (header[:2] == b"BM" and header[6:10] == bytes(4) and 12 <= int.from_bytes(header[14:18], "little") <= 256)
        or (header[:1] == b"P" and header[1:2] in b"123456" and header[2:3] in (b" ", b"\t", b"\n", b"\r"))
        or (header[:4] == b"\0\0\x01\0" and 0 < int.from_bytes(header[4:6], "little") < 256 and header[9:10] == b"\0")
    )


def _shows_video(header: bytes) -> bool:
    if header[4:8] == b"ftyp":
        return header[8:12] not in _AUDIO_BRANDS
    return (
        header.startswith(_VIDEO_MAGIC)
        or header[4:8] in _QUICKTIME_ATOMS
        or (header[:4] == b"RIFF" and header[8:12] == b"AVI ")
        or (header[:1] == b"G" and header[188:189] == b"G" and header[376:377] == b"G")  # MPEG transport stream
        or (header[4:5] == b"G" and header[196:197] == b"G" and header[388:389] == b"G")  # the same with time codes
    )
