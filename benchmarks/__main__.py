"""`make bench`: everything that is measured, with the machine and the versions, as Markdown on stdout."""

import importlib.metadata
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from benchmarks import article_pipeline, first_page, grouping, indexing, m2fp_postprocessing, reindex, search

VERSIONS = ("fastapi", "numpy", "onnxruntime", "opencv-python-headless", "pillow", "scikit-learn", "uvicorn")

SEARCHED = 100_000


def main() -> None:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    print(f"Machine: {processor()}, {psutil.cpu_count()} cores; Python {platform.python_version()}; {versions}\n")
    print("| what | measured | baseline in the same run | ratio |\n|---|---|---|---|")
    for people in (0, 2):
        run = indexing.measure(people)
        _row(
            f"index a 12-megapixel photo with {people} people (n = {run.photos}, {indexing.JOBS} workers)",
            f"{run.index * 1000:.0f} ms",
            f"decode it in full, one core: {run.decode * 1000:.0f} ms",
            run.index / run.decode,
        )
        for what, seconds in (("from the first photo stored on", run.steady), ("CPU of all processes", run.cpu)):
            _row(
                f"… {what}, per photo, {people} people",
                f"{seconds * 1000:.0f} ms",
                f"decode it in full, one core: {run.decode * 1000:.0f} ms",
                seconds / run.decode,
            )
        _row(f"… until the first photo is stored, {people} people", f"{run.start:.2f} s", "", None)
        photos = min(run.photos, article_pipeline.PHOTOS)
        article = article_pipeline.measure(people, photos)
        _row(
            f"… beside the article's pipeline on the first {photos} of these photos, {people} people",
            f"{run.index * 1000:.0f} ms",
            f"one photo at a time, service and album: {article}",
            run.index / article.seconds,
        )
        _row(
            f"… memory of a worker at its peak, {people} people",
            f"{run.worker_bytes / 2**20:.0f} MB",
            f"service {article.service_bytes / 2**20:.0f} MB + album {article.album_bytes / 2**20:.0f} MB",
            run.worker_bytes / (article.service_bytes + article.album_bytes),
        )
    for step, seconds in reindex.reindex().items():
        if step != "photos":
            _row(f"library of 10,000 photos: {step}", f"{seconds:.2f} s", "", None)
    for page in first_page.measure():
        listed = f"list all its rows as JSON: {page.listed * 1000:.0f} ms"
        what = f"library of 10,000 photos: GET {page.path}"
        _row(f"{what}, first request", f"{page.first * 1000:.0f} ms", listed, page.first / page.listed)
        later = f"{what}, median of {first_page.LATER} more ({page.size / 2**10:.0f} KB)"
        _row(later, f"{page.later * 1000:.0f} ms", listed, page.later / page.listed)
    for figures in grouping.SIZES:
        who = grouping.measure(figures)
        what = (
            f"group {figures:,} figures (BCubed P {who.precision:.3f}, R {who.recall:.3f}; {who.peak / 2**20:.0f} MB)"
        )
        measured, baseline, ratio = f"{who.seconds * 1000:.0f} ms (CPU {who.cpu * 1000:.0f} ms)", "", None
        if (by := who.dbscan) is not None:
            baseline = f"DBSCAN: CPU {by.cpu * 1000:.0f} ms (P {by.precision:.3f}, R {by.recall:.3f})"
            ratio = who.cpu / by.cpu
        _row(what, measured, baseline, ratio)
    there = grouping.attaching()
    _row(f"library of {there.figures:,} figures: group all anew", f"{there.regroup:.1f} s", "", None)
    _row("… read the known faces, once a run", f"{there.prepare * 1000:.0f} ms", "", None)
    _row(
        "… show who is on one photo more",
        f"{there.attach * 1000:.0f} ms (longest {there.longest * 1000:.0f})",
        "",
        None,
    )
    asked = search.measure(SEARCHED)
    _row(
        f"search among {asked.figures:,} figures: a question understood and answered, median of {search.ASKED}",
        f"{asked.median * 1000:.0f} ms (95 %: {asked.p95 * 1000:.0f})",
        f"plain Python over every figure's JSON: {asked.plain:.1f} s",
        asked.median / asked.plain,
    )
    _row(
        "… beside SQL on the same JSON", f"{asked.median * 1000:.0f} ms", f"{asked.sql:.1f} s", asked.median / asked.sql
    )
    m2fp = m2fp_postprocessing.measure()
    _row(
        f"M2FP's post-processing, 640×853, {m2fp.instances} sure queries of 100, label maps included: CPU",
        f"{m2fp.lazily * 1000:.0f} + {m2fp.composing * 1000:.0f} ms",
        f"as published, parts and humans only: {m2fp.plainly * 1000:.0f} ms",
        (m2fp.lazily + m2fp.composing) / m2fp.plainly,
    )
    started = _start("-m", "mien", "--help")
    bare = _start("-c", "pass")
    _row("mien --help", f"{started * 1000:.0f} ms", f"Python alone: {bare * 1000:.0f} ms", started / bare)


def _row(what: str, measured: str, baseline: str, ratio: float | None) -> None:
    print(f"| {what} | {measured} | {baseline} | {'' if ratio is None else f'{ratio:.2f}'} |", flush=True)


def _start(*arguments: str) -> float:
    """Median seconds of a Python process over seven runs."""
    times = []
    for _ in range(7):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
