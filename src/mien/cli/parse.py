"""`mien parse`: single images into label maps, without a library."""

import io
import itertools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.cli.options import GivenPath, engine_option, json_option, library_option, say_where_photos_go
from mien.cli.output import print_json, say, tell
from mien.errors import EngineLost, MienError
from mien.language import text
from mien.parsing.engines import create_parser, name_of
from mien.parsing.enlarge import enlarge
from mien.parsing.overlay import overlay
from mien.parsing.parse import PARTS, Parse
from mien.parsing.parser import Parser
from mien.photo.limits import Limits
from mien.photo.reading import read_photo
from mien.sharing.files import write_new

LIMITS = Limits(max_pixels=110_000_000)
"""Maps at full size take about 20 bytes per pixel here, in this very process."""


@dataclass(frozen=True)
class Target:
    """Where the results of one image go."""

    labels: Path
    figures: Path
    overlay: Path

    @classmethod
    def of(cls, image: Path, folder: Path, engine: str | None = None) -> "Target":
        """With an engine's name in theirs, if several are compared."""
        stem = image.stem if engine is None else f"{image.stem}.{re.sub(r'[^A-Za-z0-9]+', '-', engine).strip('-')}"
        return cls(*(folder / f"{stem}.{name}" for name in ("labels.png", "figures.png", "overlay.jpg")))


@click.command(help=text("cli.parse.help"), short_help=text("cli.parse.summary"))
@click.argument("images", nargs=-1, required=True, type=GivenPath(path_type=Path), metavar="IMAGE…")
@engine_option
@click.option("--out", type=GivenPath(path_type=Path), metavar="DIR", help=text("cli.parse.out"))
@library_option
@json_option
def command(
    images: tuple[Path, ...],
    engines: tuple[str, ...],
    out: Path | None,
    library_folder: Path | None,  # noqa: ARG001 (every command takes it; single images need none)
    as_json: bool,
) -> None:
    engines = tuple(dict.fromkeys(engines))
    targets, parsers, failed = _targets(images, engines, out), {}, 0
    for engine in engines:
        say_where_photos_go(engine)
        parsers[engine] = create_parser(engine)
    for image, engine in itertools.product(images, engines):
        parser = parsers[engine]
        row: dict[str, Any] = {"photo": str(image.absolute()), "engine": name_of(parser, engine), "error": None}
        try:
            row |= _parse(image, parser, targets.get((image, engine)))
        except EngineLost:
            raise
        except MienError as error:
            failed += 1
            row["error"] = _named(error, image).message()
            say(row["error"])
        if as_json:
            print_json(row)
        elif row["error"] is None:
            _describe(row, engine if len(engines) > 1 else None)
    if failed:
        raise MienError("some-images-failed", failed=failed, total=len(images) * len(engines))


def _targets(images: tuple[Path, ...], engines: tuple[str, ...], out: Path | None) -> dict[tuple[Path, str], Target]:
    """Where each engine's results of each image go; refuses to write two results to one place, or one where anything
    is: it might be a photo."""
    if out is None:
        return {}
    several = len(engines) > 1
    targets = {(i, e): Target.of(i, out, e if several else None) for i, e in itertools.product(images, engines)}
    taken: dict[Path, tuple[Path, str]] = {}
    for made, target in targets.items():
        for file in (target.labels, target.figures, target.overlay):
            other = taken.setdefault(file.resolve(), made)
            if other != made:
                raise click.UsageError(text("cli.parse.collision", one=other[0], other=made[0], file=file))
            if os.path.lexists(file):
                raise click.UsageError(text("cli.parse.exists", file=file))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MienError("folder-unusable", folder=out, reason=error.strerror or error) from error
    return targets


def _named(error: MienError, image: Path) -> MienError:
    """With the image's name, which an engine on another machine does not know."""
    return MienError(error.code, **{**error.values, "file": image}) if error.values.get("file") == "?" else error


def _parse(image: Path, parser: Parser, target: Target | None) -> dict[str, Any]:
    photo = read_photo(image, limits=LIMITS)
    parse = parser.parse(photo.pixels)
    width, height = photo.metadata.width, photo.metadata.height
    row: dict[str, Any] = {
        "width": width,
        "height": height,
        "figures": [_figure(parse, i, width, height) for i in range(len(parse))],
        "files": None,
    }
    if target is None:
        return row
    if len(parse) > np.iinfo(np.uint8).max:
        raise MienError("too-many-figures", file=image, figures=len(parse))
    figures, parts = enlarge(parse, width, height)
    _write(parts, target.labels)
    _write(figures.astype(np.uint8), target.figures)
    _write(overlay(read_photo(image, long_side=None, limits=LIMITS).pixels, figures, parts), target.overlay)
    return row | {"files": {name: str(getattr(target, name)) for name in ("labels", "figures", "overlay")}}


def _figure(parse: Parse, i: int, width: int, height: int) -> dict[str, Any]:
    """What is said of one figure; part shares are of the figure's own area."""
    area = max(1, int(parse.areas[i, : len(PARTS)].sum()))
    return {
        "figure": i + 1,
        "box": [round(float(v), 1) for v in parse.boxes[i] * (width, height, width, height)],
        "score": round(float(parse.scores[i]), 3),
        "parts": {
            name: {
                "share": round(int(parse.areas[i, part]) / area, 4),
                "confidence": round(float(parse.confidences[i, part]), 3),
            }
            for part, name in enumerate(PARTS)
            if part and parse.areas[i, part]
        },
    }


def _write(pixels: NDArray[np.uint8], file: Path) -> None:
    """Write a new file, whole or not at all, and never over one that came meanwhile."""
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG" if file.suffix == ".jpg" else "PNG", quality=92)
    write_new(file.parent, iter([file.name]), encoded.getvalue())


def _describe(row: dict[str, Any], engine: str | None) -> None:
    file = row["photo"] if engine is None else f"{row['photo']} ({engine})"
    tell(text("cli.parse.found", file=file, figures=len(row["figures"])))
    for figure in row["figures"]:
        parts = "  ".join(f"{text(f'part.{name}')} {part['share']:.0%}" for name, part in figure["parts"].items())
        tell(f"  {figure['figure']}  {figure['score']:.2f}  {parts}")
    for file in (row["files"] or {}).values():
        tell(f"  → {file}")
