"""Questions: how long until one is understood and answered, among ever more figures, beside two plain ways to do it.

    python -m benchmarks.search [FIGURES…]

prints a table; by default for 100,000 and 1,000,000 figures, which lie in a real catalog that is made first (some ten
minutes, 3 GB for a time). Each size is measured in processes of its own: one that fills the catalog, one that reads
all of it for the first time, one that starts cold, as `mien search` does, and goes on to ask. Figures are drawn from
20,000 made-up ones (`benchmarks/searchable.py`). The questions are English and Chinese sentences (`QUESTIONS`) about
colours, garments, looks, names, several people, relations, counts, negation and times, put together at random; the
baselines, which are asked but a few of the first kind ("a man in a blue shirt"), look at every figure's JSON: in Python
(`benchmarks/plain_search.py`), and in SQLite.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.memory import peak_bytes
from benchmarks.plain_search import Plain
from benchmarks.searchable import NAMES, photos
from mien.catalog.library import Library
from mien.indexing import columns, searching
from mien.search.columns import FigureSeen, PhotoSeen, date_of, person_key
from mien.search.understanding import understand

SIZES = (100_000, 1_000_000)
POOL = 20_000
ASKED = 200
PLAIN = 3
"""Questions that the baselines are asked."""

TODAY = date(2026, 11, 23)

_COLOURS = {"red": "红", "blue": "蓝", "black": "黑", "white": "白", "navy": "藏青", "beige": "米", "green": "绿"}
_WORN = {"shirt": "衬衫", "dress": "连衣裙", "jacket": "外套", "skirt": "半身裙", "hat": "帽子", "scarf": "围巾"}
_PEOPLE = {"man": "男人", "woman": "女人", "child": "孩子", "person": "人"}
_TIMES = {"last summer": "去年夏天", "in 2019": "2019年", "at the weekend": "周末", "in May": "五月"}


@dataclass(frozen=True)
class Measured:
    """Seconds: to fill the catalog; to make the columns of all of it; from a cold start to the first answer, of the
    process and of search alone; the median and 95th percentile of `ASKED` questions, understood and answered; medians
    of the baselines. `bytes_each`: of the columns, by figure; `peak`: bytes of the process that asks."""

    figures: int
    fill: float
    first: float
    cold: float
    cold_search: float
    median: float
    p95: float
    slowest: float
    plain: float
    sql: float
    bytes_each: float
    peak: int
    answered: int


def measure(figures: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder, "library"))
        filled = _run("fill", library, figures)
        started = time.perf_counter()
        _run("read", library)
        first = time.perf_counter() - started
        started = time.perf_counter()
        cold = _run("cold", library)
        whole = time.perf_counter() - started
        return Measured(figures, fill=filled["fill"], first=first, cold=whole, **cold, **_run("ask", library))


def questions(n: int, seed: int = 0) -> Iterator[str]:
    """Sentences of all kinds, half of them Chinese."""
    chance = random.Random(seed)
    for i in range(n):
        chinese = i % 2 == 1
        people = [_somebody(chance, chinese) for _ in range(2)]
        when = chance.choice([*_TIMES.items()])[chinese]
        if i // 2 % 5 == 4:
            yield f"{when}{people[0]}" if chinese else f"{people[0]} {when}"
        elif i // 2 % 5 == 3:
            relation = chance.choice((("next to", "旁边是"), ("and", "和"), ("left of", "左边是")))[chinese]
            yield f"{people[0]}{relation}{people[1]}" if chinese else f"{people[0]} {relation} {people[1]}"
        else:
            yield people[0]


def _somebody(chance: random.Random, chinese: bool) -> str:
    colour, worn, person = (chance.choice([*words.items()])[chinese] for words in (_COLOURS, _WORN, _PEOPLE))
    name = chance.choice(NAMES)
    kind = chance.randrange(6)
    if chinese:
        return [
            f"穿{colour}色{worn}的{person}", f"戴帽子的{person}", f"{name}穿{colour}色{worn}", f"没戴帽子的{person}",
            f"两个穿{colour}色{worn}的{person}", f"{name}",
        ][kind]  # fmt: skip
    return [
        f"a {person} in a {colour} {worn}", f"a {person} with a hat", f"{name} in a {colour} {worn}",
        f"a {person} without a hat", f"two people in a {colour} {worn}", f"{name}",
    ][kind]  # fmt: skip


def fill(library: Library, figures: int) -> None:
    """Put so many figures into the catalog, as rows."""
    chance = random.Random(0)
    pool = [*photos(min(figures, POOL), chance, people=max(20, figures // 30))]
    known = {person_key(name): name for name in NAMES}
    made = number = 0
    people: set[int] = set()
    while made < figures:
        rows: dict[str, list[tuple[object, ...]]] = {
            table: [] for table in ("photos", "files", "figures", "membership")
        }
        for _ in range(2_000):
            photo, inside = pool[number % len(pool)]
            made, number = made + len(inside), number + 1
            _add(rows, f"{number * 2654435761 % 2**32:08x}{number:056x}", number, photo, inside)
            people |= {figure.person.key for figure in inside} - {0}
        with library.catalog.write() as connection:
            connection.executemany(
                "INSERT INTO photos (photo_id, width, height, perceptual_hash) VALUES (?, ?, ?, '')", rows["photos"]
            )
            connection.executemany(
                "INSERT INTO files (path, kind, size, mtime_ns, volume, inode, fingerprint, photo_id,"
                " taken_at, wall_time, latitude, longitude) VALUES (?, 'photo', 1, 1, '', '', '', ?, ?, ?, ?, ?)",
                rows["files"],
            )
            connection.executemany(
                "INSERT INTO figures (figure_id, photo_id, ordinal, x0, y0, x1, y1, score, traits)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 0.9, ?)",
                rows["figures"],
            )
            connection.executemany("INSERT INTO membership VALUES (?, ?, 'inferred', ?, NULL)", rows["membership"])
    with library.catalog.write() as connection:
        named = [(known.get(key, f"person {key}"), known.get(key)) for key in sorted(people)]
        connection.executemany("INSERT INTO people VALUES (?, ?)", named)


def _add(
    rows: dict[str, list[tuple[object, ...]]], photo_id: str, number: int, photo: PhotoSeen, inside: list[FigureSeen]
) -> None:
    known = {person_key(name): name for name in NAMES}
    taken = None if photo.day is None else date_of(photo.day).isoformat()
    wall = None if taken is None else f"{taken}T{12 if photo.hour is None else photo.hour:02}:00:00.000000"
    taken = taken if photo.hour is None else wall
    rows["photos"].append((photo_id, 4000, 3000))
    rows["files"].append((b"/album/%08d.jpg" % number, photo_id, taken, wall, photo.latitude, photo.longitude))
    for k, figure in enumerate(inside):
        figure_id = f"{photo_id[:16]}-{figure.number}"
        rows["figures"].append((figure_id, photo_id, k, *figure.box, json.dumps(figure.traits)))
        if figure.person.key:
            person = known.get(figure.person.key, f"person {figure.person.key}")
            rows["membership"].append((figure_id, person, figure.person.confidence))


def ask(library: Library) -> dict[str, float]:
    """Warm: the columns are there, and one question was asked before."""
    searching.search(library, "a man in a blue shirt", today=TODAY)
    times, answered = [], 0
    for text in questions(ASKED):
        started = time.perf_counter()
        found = searching.search(library, text, today=TODAY)
        times.append(time.perf_counter() - started)
        answered += found.total > 0
    held = columns.current(library)
    size = sum(getattr(held, name).nbytes for name in held.__dataclass_fields__) / len(held)
    peak = peak_bytes()
    return {
        "median": statistics.median(times),
        "p95": float(np.percentile(times, 95)),
        "slowest": max(times),
        "answered": answered,
        "bytes_each": size,
        "peak": peak,
        "plain": statistics.median(_plain(library)),
        "sql": statistics.median(_sql(library)),
    }


def _plain(library: Library) -> Iterator[float]:
    """Read every figure's JSON and look at it."""
    table = columns.memberships(library) / 100
    for _, text in zip(range(PLAIN), ("a man in a blue shirt", "a woman in a red dress", "戴帽子的男人"), strict=True):
        started = time.perf_counter()
        query = understand(text, NAMES, TODAY)
        with library.catalog.read() as connection:
            scan = Plain([], table, {})
            found: dict[str, float] = {}
            for photo_id, figure_id, traits in connection.execute("SELECT photo_id, figure_id, traits FROM figures"):
                figure = FigureSeen(int(figure_id.rpartition("-")[2]), (0, 0, 1, 1), json.loads(traits))
                chance = scan.fits(query.who[0].conditions, figure)
                found[photo_id] = max(chance, found.get(photo_id, 0))
        sorted(found.items(), key=lambda item: -item[1])[: searching.LIMIT]
        yield time.perf_counter() - started


def _sql(library: Library) -> Iterator[float]:
    """Have SQLite look at every figure's JSON, by the names of colours alone."""
    for garment, colour, style in (
        ("upper", "blue", "masculine"),
        ("dress", "red", "feminine"),
        ("upper", "black", "masculine"),
    ):
        started = time.perf_counter()
        with library.catalog.read() as connection:
            connection.execute(
                f"""
                SELECT photo_id, max(json_extract(traits, '$.style.chances.{style}') * (
                    SELECT sum(json_extract(value, '$.share')) FROM json_each(traits, '$.{garment}.colours')
                    WHERE json_extract(value, '$.name') = ?
                )) AS score FROM figures GROUP BY photo_id HAVING score >= 0.5 ORDER BY score DESC LIMIT ?
                """,
                (colour, searching.LIMIT),
            ).fetchall()
        yield time.perf_counter() - started


def _run(step: str, *arguments: object) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.search", f"--{step}", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _step(step: str, folder: str, figures: str = "0") -> dict[str, float]:
    with Library.open(folder) as library:
        started = time.perf_counter()
        if step == "--fill":
            fill(library, int(figures))
            return {"fill": time.perf_counter() - started}
        if step == "--read":
            columns.memberships(library)
            columns.current(library)
            return {}
        if step == "--cold":
            searching.search(library, "a man in a blue shirt", today=TODAY)
            return {"cold_search": time.perf_counter() - started}
        return ask(library)


def main(sizes: list[int]) -> None:
    print(
        "| figures | median | 95 % | slowest | cold start | plain Python | SQL on JSON | columns |"
        " read all once | peak |\n"
        "|---|---|---|---|---|---|---|---|---|---|"
    )
    for figures in sizes or SIZES:
        m = measure(figures)
        print(
            f"| {figures:,} | {m.median * 1000:.0f} ms | {m.p95 * 1000:.0f} ms | {m.slowest * 1000:.0f} ms |"
            f" {m.cold:.2f} s, of which search {m.cold_search:.2f} s | {m.plain:.1f} s | {m.sql:.1f} s |"
            f" {m.bytes_each:.0f} bytes a figure | {m.first:.0f} s | {m.peak / 2**20:.0f} MB |",
            flush=True,
        )
        print(f"<!-- {json.dumps(asdict(m))} -->", file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1].startswith("--"):
        print(json.dumps(_step(*sys.argv[1:])))
    else:
        main([int(size) for size in sys.argv[1:]])
