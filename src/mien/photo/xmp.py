"""Single properties out of an XMP packet.

Read by pattern, not as XML: packets are often cut off or not well-formed, and XML has bombs.
"""

import re

_LONGEST_PACKET = 4 << 20
_BOUND = "{0,400}"  # characters; times and places need 30
_VALUES = rf"\"([^\"<]{_BOUND})\"|'([^'<]{_BOUND})'"


def decoded(packet: bytes) -> str:
    """The packet as text; UTF-16 packets are known by their NULs."""
    packet = packet[:_LONGEST_PACKET]
    if b"\0" in packet[:8]:
        return packet.decode("utf-16-be" if packet[:1] in b"\0\xfe" else "utf-16-le", "replace")
    return packet.decode("utf-8", "replace")


def xmp_property(packet: str, name: str) -> str:
    """The value of a property (`exif:DateTimeOriginal`), written as an attribute or as an element; else empty."""
    # A prefix may be missing or another than the usual one; the local name must be the whole name. Values are bounded:
    # else a packet that opens a thousand elements and closes none is searched to its end a thousand times.
    local = re.escape(name.partition(":")[2])
    found = re.search(rf"(?:[\s<]|[\s<]\w{{1,20}}:){local}(?:\s*=\s*(?:{_VALUES})|>([^<]{_BOUND})<)", packet)
    return next((value.strip() for value in found.groups() if value is not None), "") if found else ""
