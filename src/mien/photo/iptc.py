"""IPTC-IIM 4: the data sets that press tools embed."""

_MARK = 0x1C


def data_sets(block: bytes) -> dict[tuple[int, int], str]:
    """(record, data set) → its first text. A broken block gives what stands before the break."""
    texts: dict[tuple[int, int], str] = {}
    position = block.find(_MARK)
    while 0 <= position <= len(block) - 5 and block[position] == _MARK:
        length = int.from_bytes(block[position + 3 : position + 5], "big")
        if length & 0x8000:  # an extended length: no date or time is that long
            break
        raw = block[position + 5 : position + 5 + length]
        texts.setdefault((block[position + 1], block[position + 2]), raw.decode("utf-8", "replace"))
        position += 5 + length
    return texts
