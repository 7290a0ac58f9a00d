"""An XMP packet as a tree that remembers where in the text everything stands (ISO 16684-1: RDF in XML).

Single properties are better read by pattern (see `xmp`); lists of structures, and edits that leave all else as it
is, need this. What no XMP writer makes, but attackers do, is refused: document types, and so entities; deep nesting.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

LARGEST = 16 << 20
"""Bytes of a packet. Those of real photos seldom have more than one million."""

_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_DEEPEST = 64
_MOST_ELEMENTS = 300_000
_SYNTAX = (RDF, "http://www.w3.org/XML/1998/namespace")
_ATTRIBUTE = re.compile(rb"""([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')""")
_START_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")


class MalformedXmp(ValueError):
    """This is no XMP packet that can be understood as a whole."""


@dataclass(eq=False, slots=True)
class Element:
    """One element. Names are `namespace local`; places are byte offsets in `Packet.text`.

    Attributes:
        attributes: name → value.
        values: name → where the value of that attribute stands, without its quotes.
        start, inner, close, end: where the start tag begins and ends, and the end tag. `inner == close == end` for an
            element that is one tag.
    """

    name: str
    attributes: dict[str, str]
    values: dict[str, tuple[int, int]]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    @property
    def is_one_tag(self) -> bool:
        return self.inner == self.end


@dataclass(frozen=True)
class Packet:
    """A packet that was understood. `text` is UTF-8 without byte-order mark, whatever the file has."""

    text: bytes
    root: Element
    mark: bytes = b""
    encoding: str = "utf-8"

    def encoded(self, text: bytes) -> bytes:
        """`text` (UTF-8) as the file had it."""
        return self.mark + (text if self.encoding == "utf-8" else text.decode().encode(self.encoding))

    def subjects(self) -> Iterator[Element]:
        """The descriptions of the photo: the elements right inside `rdf:RDF`."""
        rdf = self.rdf
        yield from () if rdf is None else rdf.children

    @property
    def rdf(self) -> Element | None:
        return next((e for e in _walk(self.root) if e.name == f"{RDF} RDF"), None)

    def values(self, name: str) -> Iterator[Element | str]:
        """Every value of a property of the photo."""
        for subject in self.subjects():
            value = get(subject, name)
            if value is not None:
                yield value


def parse(data: bytes) -> Packet:
    """Raises `MalformedXmp`, and nothing else, for what is not well-formed, too large or dangerous."""
    if len(data) > LARGEST:
        raise MalformedXmp("too large")
    text, mark, encoding = _as_utf8(data)
    tree = _Tree(text)
    try:
        tree.parser.Parse(text, True)
    except (expat.ExpatError, ValueError, IndexError) as error:
        raise MalformedXmp(str(error)) from error
    if tree.root is None:
        raise MalformedXmp("empty")
    return Packet(text, tree.root, mark, encoding)


def get(structure: Element, name: str) -> Element | str | None:
    """A field of a structure in any of RDF's notations: attribute, element, or either in a nested description."""
    if (value := structure.attributes.get(name)) is not None:
        return value
    for child in structure.children:
        if child.name == name:
            return child
        if child.name == f"{RDF} Description" and (nested := get(child, name)) is not None:
            return nested
    return None


def text_of(value: Element | str | None) -> str:
    """A simple value as text; the first one of a list (such as alternatives by language)."""
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if found := items(value):
        return text_of(found[0])
    nested = next((c for c in value.children if c.name == f"{RDF} value"), None)
    return (nested or value).text.strip()


def items(value: Element | str | None) -> list[Element]:
    """The members of a list: a bag, a sequence, or alternatives."""
    container = list_of(value)
    return [] if container is None else [child for child in container.children if child.name == f"{RDF} li"]


def list_of(value: Element | str | None) -> Element | None:
    if value is None or isinstance(value, str):
        return None
    return next((c for c in value.children if c.name in (f"{RDF} Bag", f"{RDF} Seq", f"{RDF} Alt")), None)


@dataclass(frozen=True)
class Edit:
    """Put `text` (UTF-8) where `start` to `end` stands; an insertion where they are equal."""

    start: int
    end: int
    text: bytes = b""


def edited(text: bytes, edits: Iterable[Edit]) -> bytes:
    """The text with all edits made, none of which may overlap; insertions at one place keep their order."""
    pieces: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < position:
            raise ValueError("edits overlap")
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return b"".join([*pieces, text[position:]])


def _as_utf8(data: bytes) -> tuple[bytes, bytes, str]:
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    if mark:
        encoding = _MARKS[mark]
    elif b"\0" in data[:8]:
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    else:
        encoding = "utf-8"
    try:
        return data[len(mark) :].decode(encoding).rstrip("\0").encode(), mark, encoding
    except ValueError as error:
        raise MalformedXmp(str(error)) from error


class _Tree:
    """Builds the tree while expat reads."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.root: Element | None = None
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._elements = 0
        # The text's own word on its encoding no longer holds.
        self.parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _refuse(self, *_: object) -> None:
        raise ValueError("a document type")

    def _start(self, name: str, attributes: Sequence[str]) -> None:
        start = self.parser.CurrentByteIndex
        tag = _START_TAG.match(self.text, start)
        self._elements += 1
        if tag is None or len(self._open) >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise ValueError("too many elements")
        # expat gives attributes in their order, without the declarations of namespaces.
        spans = [
            (match.start(2) + 1, match.end(2) - 1)
            for match in _ATTRIBUTE.finditer(self.text, start, tag.end())
            if match[1] != b"xmlns" and not match[1].startswith(b"xmlns:")
        ]
        named = dict(zip(attributes[::2], attributes[1::2], strict=True))
        element = Element(name, named, dict(zip(attributes[::2], spans, strict=True)), start, tag.end())
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        element.text = "".join(self._texts.pop())
        if self.text[element.inner - 2 : element.inner] == b"/>":
            element.close = element.end = element.inner
        else:
            element.close = self.parser.CurrentByteIndex
            element.end = self.text.index(b">", element.close) + 1

    def _data(self, text: str) -> None:
        self._texts[-1].append(text)


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in element.children:
        yield from _walk(child)
