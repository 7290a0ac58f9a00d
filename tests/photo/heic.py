"""A tiny writer of valid HEIC files, for no library with a free licence writes them.

HEVC (ITU-T H.265) can carry blocks as plain samples (`pcm_flag`): one intra picture of such blocks needs no transform,
no prediction, and next to no arithmetic coding.
"""

import struct

import numpy as np
from PIL import Image

from tests.photo.pictures import Pixels, box

_BLOCK = 32  # luma samples per side of a coding tree block, and of the largest pcm block
_VPS, _SPS, _PPS, _IDR = 32, 33, 34, 20
_PROFILE = bytes([3]) + struct.pack(">I", 0x70000000) + b"\x90" + bytes(5) + bytes([90])  # Main Still Picture, level 3
_LPS_RANGES = (240, 227, 216, 205, 195, 185)  # rangeTabLps, table 9-52, fourth column, states 0–5

TURNS = {1: (0, None), 2: (0, 1), 3: (2, None), 4: (0, 0), 5: (1, 0), 6: (3, None), 7: (3, 0), 8: (1, None)}
"""EXIF orientation → `irot`'s quarter turns anti-clockwise and `imir`'s axis, in HEIF's words."""


class _Bits:
    def __init__(self) -> None:
        self.bits = ""

    def u(self, length: int, *values: int) -> "_Bits":
        self.bits += "".join(f"{value:0{length}b}" for value in values)
        return self

    def ue(self, *values: int) -> "_Bits":
        """Exp-Golomb (9.2)."""
        for value in values:
            digits = f"{value + 1:b}"
            self.bits += "0" * (len(digits) - 1) + digits
        return self

    def raw(self, data: bytes) -> "_Bits":
        return self.u(8, *data)

    def aligned(self) -> bytes:
        self.bits += "0" * (-len(self.bits) % 8)
        return int(self.bits, 2).to_bytes(len(self.bits) // 8, "big")

    def stopped(self) -> bytes:
        return self.u(1, 1).aligned()


def _nal(kind: int, payload: bytes) -> bytes:
    """A NAL unit, with emulation prevention (7.3.1.1)."""
    out, zeros = bytearray([kind << 1, 1]), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _parameter_sets(width: int, height: int) -> dict[int, bytes]:
    vps = _Bits().u(4, 0).u(1, 1, 1).u(6, 0).u(3, 0).u(1, 1).u(16, 0xFFFF).raw(_PROFILE)
    vps.u(1, 1).ue(0, 0, 0).u(6, 0).ue(0).u(1, 0, 0)
    sps = _Bits().u(4, 0).u(3, 0).u(1, 1).raw(_PROFILE).ue(0, 1, width, height).u(1, 0).ue(0, 0, 0).u(1, 1).ue(0, 0, 0)
    sps.ue(0, 2, 0, 3, 0, 0)  # coding blocks of 8–32, transform blocks of 4–32
    sps.u(1, 0, 0, 0, 1).u(4, 7, 7).ue(0, 2).u(1, 1)  # pcm blocks of 8–32, 8 bits, not filtered
    sps.ue(0).u(1, 0, 0, 0, 0, 0)
    pps = _Bits().ue(0, 0).u(1, 0, 0).u(3, 0).u(1, 0, 0).ue(0, 0, 0).u(1, 0, 0, 0).ue(0, 0).u(1, 0, 0, 0, 0, 0, 0, 0)
    pps.u(1, 1, 0, 1, 0, 0).ue(0).u(1, 0, 0)  # no deblocking
    return {_VPS: _nal(_VPS, vps.stopped()), _SPS: _nal(_SPS, sps.stopped()), _PPS: _nal(_PPS, pps.stopped())}


class _Arithmetic:
    """CABAC (9.3.5), of which only likely and terminating bins are needed."""

    def __init__(self) -> None:
        self.low, self.range, self.first, self.outstanding, self.bits = 0, 510, True, 0, _Bits()

    def likely(self, lps_range: int) -> None:
        self.range -= lps_range
        self._renormalise()

    def terminate(self, *, end: bool) -> None:
        self.range -= 2
        if end:
            self.low += self.range
            self.range = 2
        self._renormalise()
        if end:
            self._put(self.low >> 9 & 1)
            self.bits.u(2, self.low >> 7 & 3 | 1)

    def _renormalise(self) -> None:
        while self.range < 256:
            if self.low < 256:
                self._put(0)
            elif self.low >= 512:
                self.low -= 512
                self._put(1)
            else:
                self.low -= 256
                self.outstanding += 1
            self.range <<= 1
            self.low <<= 1

    def _put(self, bit: int) -> None:
        if self.first:
            self.first = False
        else:
            self.bits.u(1, bit)
        self.bits.bits += str(1 - bit) * self.outstanding
        self.outstanding = 0


def _slice(pixels: Pixels) -> bytes:
    planes = [np.asarray(plane) for plane in Image.fromarray(np.ascontiguousarray(pixels)).convert("YCbCr").split()]
    planes[1:] = [plane[::2, ::2] for plane in planes[1:]]
    data = _Bits().u(1, 1, 0).ue(0, 2, 0).stopped()  # header: first slice, parameter set 0, intra, no change of QP
    corners = [(y, x) for y in range(0, pixels.shape[0], _BLOCK) for x in range(0, pixels.shape[1], _BLOCK)]
    for number, (y, x) in enumerate(corners):
        coder = _Arithmetic()
        if number:
            coder.terminate(end=False)  # end_of_slice_segment_flag
        coder.likely(_LPS_RANGES[number])  # split_cu_flag: no
        coder.terminate(end=True)  # pcm_flag: yes
        data += coder.bits.aligned()
        for plane, step in zip(planes, (1, 2, 2), strict=True):
            side = _BLOCK // step
            data += plane[y // step : y // step + side, x // step : x // step + side].tobytes()
    last = _Arithmetic()
    last.terminate(end=True)
    return _nal(_IDR, data + last.bits.aligned())


def heic(pixels: Pixels, orientation: int = 1, exif: bytes = b"") -> bytes:
    """A HEIC of at most six blocks of 32×32; `orientation` goes into `irot` and `imir`, `exif` is a TIFF structure."""
    height, width = pixels.shape[:2]
    assert width % _BLOCK == height % _BLOCK == 0
    assert width * height <= len(_LPS_RANGES) * _BLOCK**2
    sets = _parameter_sets(width, height)
    decoder = (
        b"\1"
        + _PROFILE
        + bytes.fromhex("f000fcfdf8f800000f03")
        + b"".join(struct.pack(">BHH", 0x80 | kind, 1, len(nal)) + nal for kind, nal in sets.items())
    )
    turns, axis = TURNS[orientation]
    properties = [
        (box(b"hvcC", decoder), True),
        (box(b"ispe", struct.pack(">III", 0, width, height)), False),
        (box(b"colr", b"nclx" + struct.pack(">HHHB", 1, 13, 6, 0x80)), False),
    ]
    properties += [(box(b"irot", bytes([turns])), True)] if turns else []
    properties += [] if axis is None else [(box(b"imir", bytes([axis])), True)]
    coded = _slice(pixels)
    items = [(b"hvc1", struct.pack(">I", len(coded)) + coded)]
    items += [(b"Exif", bytes(4) + exif)] if exif else []
    entries, places, offset = b"", b"", 0
    for number, (kind, content) in enumerate(items, 1):
        entries += box(b"infe", struct.pack(">IHH", 0x02000000, number, 0), kind, b"\0")
        places += struct.pack(">HHHHII", number, 1, 0, 1, offset, len(content))  # construction method 1: in `idat`
        offset += len(content)
    associations = bytes(0x80 * essential | i for i, (_, essential) in enumerate(properties, 1))
    meta = [
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", bytes(4), struct.pack(">H", 1)),
        box(b"iinf", bytes(4), struct.pack(">H", len(items)), entries),
        box(
            b"iprp",
            box(b"ipco", *(content for content, _ in properties)),
            box(b"ipma", bytes(4), struct.pack(">IHB", 1, 1, len(properties)), associations),
        ),
        box(b"iloc", b"\1" + bytes(3), b"\x44\0", struct.pack(">H", len(items)), places),
        box(b"iref", bytes(4), box(b"cdsc", struct.pack(">HHH", 2, 1, 1))) if exif else b"",
        box(b"idat", *(content for _, content in items)),
    ]
    return box(b"ftyp", b"heic", bytes(4), b"mif1heic") + box(b"meta", bytes(4), *meta)
