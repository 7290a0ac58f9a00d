"""What does not fit into a JPEG's one packet of 64 KB: extended XMP (ISO 16684-3, 1.1.3.1)."""

import re

_SIGNATURE = b"http://ns.adobe.com/xmp/extension/\0"
_GUID_BYTES = 32
_HEADER = len(_SIGNATURE) + _GUID_BYTES + 8
_POINTER = re.compile(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})")
_LARGEST = 16 << 20
"""Bytes. Cameras also keep whole depth maps there, in which nobody has names."""


def extended_xmp(data: bytes, packet: bytes) -> bytes:
    """The second packet that the first one, `packet`, points to; empty if there is none, or not all of it."""
    pointer = _POINTER.search(packet)
    if pointer is None or not data.startswith(b"\xff\xd8"):
        return b""
    pieces: dict[int, memoryview] = {}
    total = 0
    position = 2
    view = memoryview(data)
    while data[position : position + 1] == b"\xff" and data[position + 1 : position + 2] not in (b"\xda", b"\xd9", b""):
        if data[position + 1] == 0xFF:  # padding
            position += 1
            continue
        end = position + 2 + max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
        body = position + 4
        head = data[body : body + _HEADER]
        if data[position + 1] == 0xE1 and head.startswith(_SIGNATURE):
            guid, numbers = head[len(_SIGNATURE) : -8], head[-8:]
            if guid.upper() == pointer[1].upper():
                total = int.from_bytes(numbers[:4], "big")
                pieces[int.from_bytes(numbers[4:], "big")] = view[body + _HEADER : end]
        position = end
    if not 0 < total <= _LARGEST:
        return b""
    whole = bytearray()
    for offset in sorted(pieces):
        if offset != len(whole):
            return b""
        whole += pieces[offset]
    return bytes(whole) if len(whole) == total else b""
