"""The stages that turn a photo into figures, and the fingerprints that tell which of them a photo lacks."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from mien.catalog.derived import DerivedFigure, Fingerprints
from mien.catalog.store import KnownFile, KnownPhoto
from mien.faces.face import Face
from mien.parsing.parse import Parse
from mien.parsing.parser import Parser
from mien.people.anchors import anchor_of
from mien.photo.photo import Photo

READ_VERSION = 2
"""Raised when reading the same file may give another photo: pixels, key or metadata."""

TRAITS_VERSION = 1
"""Raised when this module turns the same traits, appearance or anchors into something else."""

Stage = Literal["read", "parse", "faces", "traits", "vectors"]
"""The first stage to be done again; those behind it follow. The last one is of embedders of the user's own."""


class Finder(Protocol):
    """What `mien.faces.finder.FaceFinder` is."""

    @property
    def fingerprint(self) -> str: ...

    def find(self, photo: Photo, parse: Parse) -> Sequence[Face | None]: ...


@dataclass(frozen=True, eq=False)
class Chain:
    """The networks of one process, loaded; `engine` is the name of the parser's then, `first` as in `Fingerprints`."""

    parser: Parser
    finder: Finder
    engine: str
    first: str | None = None

    def figures(self, photo: Photo, parse: Parse, faces: Sequence[Face | None]) -> tuple[DerivedFigure, ...]:
        """What can be said of each figure of a parse."""
        from mien.traits.appearance import appearance_vector
        from mien.traits.article import article_features
        from mien.traits.describe import describe
        from mien.traits.traits import to_json

        traits = describe(photo, parse, faces)
        appearance = appearance_vector(photo, parse)
        article = article_features(photo, parse, traits)
        return tuple(
            DerivedFigure(
                place=anchor_of(
                    parse,
                    figure,
                    photo_id=photo.key,
                    face=None if (face := faces[figure]) is None else face.box,
                    perceptual_hash=photo.perceptual_hash,
                ),
                score=float(parse.scores[figure]),
                face=faces[figure],
                traits=to_json(traits[figure]),
                appearance=appearance[figure],
                article=article[figure],
            )
            for figure in range(len(parse))
        )

    def fingerprints(self) -> Fingerprints:
        """See `Fingerprints`. A decoder's new release alone does not make photos new: its pixels are the same but for
        rounding, and parsing a whole library again for that would be a waste."""
        from mien.parsing.engines import first_of, name_of
        from mien.photo.decoding import decoder_fingerprint
        from mien.traits import chances, lexicon
        from mien.traits.describe import VERSION

        read = _digest("read", READ_VERSION)
        parse = self.parse_fingerprint()
        engine = name_of(self.parser, self.engine)  # a service may have another one by now
        faces = _digest("faces", self.finder.fingerprint, parse)
        return Fingerprints(
            decoder=_digest("decoder", decoder_fingerprint(), read),
            read=read,
            parse=parse,
            faces=faces,
            traits=_digest("traits", VERSION, TRAITS_VERSION, lexicon.source(), chances.source(), faces),
            engine=engine,
            first=self.first if engine == self.engine else first_of(engine),
        )

    def parse_fingerprint(self) -> str:
        """Of the parses that are made now."""
        return _digest("parse", self.parser.fingerprint, _digest("read", READ_VERSION))


@dataclass(frozen=True)
class Recipe:
    """Who is to work on a photo.

    Attributes:
        engine: a name, or the address of a service.
        makes: what it makes.
    """

    engine: str
    makes: Fingerprints


MakeChain = Callable[[str], Chain]


def make_chain(engine: str) -> Chain:
    """The chain of an engine by name or address. Raises `MienError` if there is none or a model is missing."""
    from mien.faces.finder import FaceFinder
    from mien.parsing.engines import create_parser, first_of, name_of

    parser = create_parser(engine)
    name = name_of(parser, engine)
    return Chain(parser, FaceFinder(), name, first_of(name))


def next_stage(
    file: KnownFile, photo: KnownPhoto | None, engine: str, stored_parse: str | None, wanted: Fingerprints
) -> Stage | None:
    """The first stage that an unchanged file lacks; None if it lacks nothing.

    Args:
        photo: what is known of the photo in it.
        stored_parse: the fingerprint of the engine's stored parse of that photo, if there is one.
    """
    if file.kind != "photo":
        return None if file.fingerprint == wanted.read else "read"
    if file.failed:
        # An empty fingerprint asks for another try every time; else only other software could fare better.
        return None if file.fingerprint in (wanted.decoder, wanted.whole) else "read"
    if photo is None or file.fingerprint != wanted.read:
        return "read"
    if stored_parse != wanted.parse:
        return "parse"
    if photo.engine != engine or photo.faces != wanted.faces:
        return "faces"
    return None if photo.traits == wanted.traits else "traits"


def next_for_now(
    file: KnownFile, photo: KnownPhoto | None, first: Fingerprints, wanted: Fingerprints
) -> Literal["read"] | None:
    """Like `next_stage`, where it is enough for now that any engine has parsed the photo; else `first` does."""
    if file.kind == "photo" and file.failed:
        return None if file.fingerprint in (first.decoder, first.whole, wanted.whole) else "read"
    is_read = file.fingerprint == wanted.read
    has_figures = photo is not None and photo.traits is not None
    return None if is_read and (has_figures or file.kind != "photo") else "read"


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
