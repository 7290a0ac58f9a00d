"""XMP as a tree: safely, and so that it can be edited without touching anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.photo.rdf import LARGEST, Edit, MalformedXmp, edited, get, items, parse, text_of
from tests.photo.xmp_packets import RDF_NS, digikam, lightroom, packet

DC = "http://purl.org/dc/elements/1.1/"
BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12))
    + b"]><x>&m;</x>"
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no XML",
        b"<x>",
        packet(lightroom())[:-200],
        b"<a:b/>",
        b"<x>&undeclared;</x>",
        b"<x>\x01</x>",
        b"<x>\xff\xfe</x>",
        b'<x a="1" a="2"/>',
        b"\xff\xfe<\0x\0",
        BOMB,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"<x>" * 65 + b"</x>" * 65,
        b"<x>" + b"<y/>" * 300_000 + b"</x>",
        b"<x>" + b" " * LARGEST + b"</x>",
    ],
    ids=lambda data: repr(data[:30]),
)
def test_what_is_broken_or_dangerous_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedXmp):
        parse(data)


def test_many_small_texts_take_no_time() -> None:
    root = parse(b"<x>" + b"a<!---->" * 500_000 + b"</x>").root
    assert root.text == "a" * 500_000


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for content in (data, b"<x>" + data + b"</x>"):
        try:
            parse(content)
        except MalformedXmp:
            continue


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_xmp_is_read_and_given_back(encoding: str) -> None:
    text = packet(digikam("李明")).decode()
    data = text.encode(encoding)
    read = parse(data)
    assert read.encoded(read.text) == data
    assert "李明".encode() in read.text


def test_padding_behind_a_packet_is_no_damage() -> None:
    assert parse(packet(lightroom()) + bytes(100)).rdf is not None


def test_every_element_knows_where_it_stands() -> None:
    read = parse(packet(digikam("<&>".replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")), lightroom()))
    waiting = [read.root]
    seen = 0
    while waiting:
        element = waiting.pop()
        waiting += element.children
        seen += 1
        local = element.name.split(" ")[-1].encode()
        assert read.text[element.start : element.start + 1] == b"<"
        assert local in read.text[element.start : element.inner]
        assert read.text[element.end - 1 : element.end] == b">"
        if not element.is_one_tag:
            assert read.text[element.close : element.end].startswith(b"</")
            assert read.text[element.close : element.end].rstrip(b"> ").endswith(local)
        for name, value in element.attributes.items():
            start, end = element.values[name]
            raw = read.text[start:end].decode()
            assert raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == value
    assert seen > 30


@pytest.mark.parametrize(
    "subject",
    [
        '<rdf:Description rdf:about="" xmlns:dc="{dc}" dc:title=" A &amp; B "/>',
        '<rdf:Description rdf:about="" xmlns:dc="{dc}"><dc:title> A &amp; B </dc:title></rdf:Description>',
        '<rdf:Description xmlns:dc="{dc}"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &amp; B</rdf:li>'
        '<rdf:li xml:lang="de">C</rdf:li></rdf:Alt></dc:title></rdf:Description>',
        '<rdf:Description xmlns:dc="{dc}"><dc:title rdf:parseType="Resource"><rdf:value>A &amp; B</rdf:value>'
        "</dc:title></rdf:Description>",
        '<rdf:Description xmlns:z="{dc}"><rdf:Description><z:title>A <!-- no -->&amp; B</z:title></rdf:Description>'
        "</rdf:Description>",
    ],
)
def test_a_property_in_every_notation(subject: str) -> None:
    (value,) = parse(packet(subject.format(dc=DC))).values(f"{DC} title")
    assert text_of(value) == "A & B"


def test_what_is_not_there_is_empty() -> None:
    read = parse(packet('<rdf:Description rdf:about=""/>'))
    (subject,) = read.subjects()
    assert get(subject, f"{DC} title") is None
    assert text_of(None) == ""
    assert items(None) == items("text") == items(subject) == []
    assert list(parse(b"<x/>").subjects()) == []
    assert parse(f'<rdf:RDF xmlns:rdf="{RDF_NS}"/>'.encode()).rdf is not None


@given(st.binary(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=5)), max_size=5))
def test_insertions_leave_all_else(text: bytes, insertions: list[tuple[int, bytes]]) -> None:
    edits = [Edit(min(at, len(text)), min(at, len(text)), new) for at, new in insertions]
    result = edited(text, edits)
    assert len(result) == len(text) + sum(len(edit.text) for edit in edits)
    if not edits:
        assert result == text


def test_edits_do_not_overlap() -> None:
    assert edited(b"abcdef", [Edit(4, 5, b"X"), Edit(0, 2), Edit(2, 2, b"Y")]) == b"YcdXf"
    with pytest.raises(ValueError):
        edited(b"abcdef", [Edit(0, 3), Edit(2, 4)])
