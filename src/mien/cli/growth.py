"""`mien growth PERSON`: how tall a child was over the years."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click

from mien.catalog.library import Library
from mien.cli.options import GivenPath, json_option, library_option
from mien.cli.output import print_rows, print_table, say, tell
from mien.errors import MienError
from mien.growth import reasons
from mien.growth.chart import Chart, draw
from mien.growth.references import SEXES, Sex, Source
from mien.growth.wording import age_words, height_words, method_words
from mien.indexing.deciding import up_to_date
from mien.indexing.growing import Growth, growth
from mien.language import text

NEW_FILE = GivenPath(dir_okay=False, path_type=Path)


@click.command(help=text("cli.growth.help"), short_help=text("cli.growth.summary"))
@click.argument("person")
@click.option("--csv", "table", type=NEW_FILE, metavar="FILE", help=text("cli.growth.csv"))
@click.option("--svg", "picture", type=NEW_FILE, metavar="FILE", help=text("cli.growth.svg"))
@click.option(
    "--sex", type=click.Choice(["girls", "boys", "both", "none"]), default="both", help=text("cli.growth.sex"),
    show_default=True,
)  # fmt: skip
@click.option(
    "--source", type=click.Choice(["who", "cdc"]), default="who", help=text("cli.growth.source"), show_default=True
)
@library_option
@json_option
def command(
    person: str,
    table: Path | None,
    picture: Path | None,
    sex: Literal["girls", "boys", "both", "none"],
    source: Source,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    for path in (table, picture):
        if path is not None and path.exists():
            raise click.UsageError(text("cli.growth.exists", file=path))
    if table is not None and picture is not None and table.resolve() == picture.resolve():
        raise click.UsageError(text("cli.growth.one-file", file=table))
    with Library.open(library_folder) as library:
        up_to_date(library)
        grown = growth(library, person)
    files = []
    if table is not None:
        # Spreadsheets take a file without this mark for one in the system's old encoding.
        files.append((table, as_csv(grown), "utf-8-sig"))
    if picture is not None:
        sexes: Sequence[Sex] = SEXES if sex == "both" else () if sex == "none" else (sex,)
        name = grown.name or text("growth.method.somebody")
        chart = Chart(name, grown.born, grown.points, grown.measured, grown.curve, source, sexes)
        files.append((picture, draw(chart) + "\n", "utf-8"))
    _write(files)
    if as_json:
        print_rows(rows(grown))
    else:
        _tell(grown)


def rows(grown: Growth) -> list[dict[str, Any]]:
    """Everything that is known, kind by kind: "point", "measured", "left-out", "curve". Heights in cm."""
    found: list[dict[str, Any]] = [
        {
            "kind": "point",
            "day": point.day.isoformat(),
            "age": _age(grown, point.day),
            "height": round(point.height, 1),
            "error": round(point.error, 1),
            "low": round(point.bounds[0], 1),
            "high": round(point.bounds[1], 1),
            "method": point.method,
            "references": [
                {"person_id": one.person_id, "figure_id": one.figure_id, "height": one.height}
                for one in point.references
            ],
            "no_rulers": [
                {
                    "person_id": one.person_id,
                    "figure_id": one.figure_id,
                    "reason": one.reason,
                    "said": reasons.said(one.reason),
                }
                for one in point.no_rulers
            ],
            "photo_id": point.photo_id,
            "figure_id": point.figure_id,
        }
        for point in grown.points
    ]
    found += [
        {"kind": "measured", "day": day.isoformat(), "age": _age(grown, day), "height": cm}
        for day, cm in grown.measured
    ]
    found += [
        {
            "kind": "left-out",
            "day": None if one.day is None else one.day.isoformat(),
            "reason": one.reason,
            "said": reasons.said(one.reason),
            "photo_id": one.photo_id,
            "figure_id": one.figure_id,
        }
        for one in grown.left_out
    ]
    if (curve := grown.curve) is not None:
        found += [
            {
                "kind": "curve",
                "day": day.isoformat(),
                "age": _age(grown, day),
                "height": round(middle, 1),
                "low": round(low, 1),
                "high": round(high, 1),
            }
            for day, low, middle, high in zip(curve.days, curve.low, curve.middle, curve.high, strict=True)
        ]
    return found


def as_csv(grown: Growth) -> str:
    """The points, the measured heights and the curve as a table; what was left out is not in it."""
    names = ("kind", "day", "age", "height", "error", "low", "high", "method", "photo_id", "figure_id")
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(row for row in rows(grown) if row["kind"] != "left-out")
    return out.getvalue()


def _write(files: Sequence[tuple[Path, str, str]]) -> None:
    """All of these new files (path, words, encoding), or none."""
    begun: list[Path] = []
    try:
        for path, words, encoding in files:
            with path.open("x", encoding=encoding, newline="") as file:
                begun.append(path)
                file.write(words)
    except BaseException as error:
        for new in begun:
            new.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):  # since it was looked for
            raise click.UsageError(text("cli.growth.exists", file=path)) from error
        if isinstance(error, OSError):
            raise MienError("file-unwritable", file=path, reason=error.strerror or error) from error
        raise


def _age(grown: Growth, day: date) -> float | None:
    """In years."""
    return None if grown.born is None else round((day - grown.born).days / 365.25, 2)


def _tell(grown: Growth) -> None:
    entries = [(p.day, height_words(p), method_words(p, grown.names), p.photo_id[:16]) for p in grown.points]
    entries += [
        (day, text("growth.cm", cm=f"{cm:g}"), text("growth.method.measured"), "") for day, cm in grown.measured
    ]
    if entries:
        headings = [text(f"cli.growth.{name}") for name in ("day", "age", "height", "how", "photo")]
        print_table(
            headings,
            [(day, age_words(grown.born, day), *rest) for day, *rest in sorted(entries, key=lambda entry: entry[0])],
        )
    else:
        say(text("cli.growth.none", name=grown.name or text("growth.method.somebody")))
    if grown.born is None:
        say(text("cli.growth.born-first"))
    if grown.left_out:
        tell(text("cli.growth.left-out", n=len(grown.left_out)))
        for reason, number in Counter(one.reason for one in grown.left_out).most_common():
            tell(f"  {number} × {reasons.said(reason)}")
