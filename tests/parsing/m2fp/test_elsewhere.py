"""M2FP on another machine, by a small network in its format: a library is made of it as if it worked here."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.catalog import interest, listing
from mien.catalog.library import Library
from mien.indexing import deciding
from mien.indexing.indexer import index
from mien.indexing.progress import Progress
from mien.indexing.summary import Summary
from mien.models.registry import known_models
from mien.parsing.engines import create_parser
from tests.indexing.inline import Inline
from tests.indexing.test_kill import made, normalised
from tests.indexing.test_refining import active, observed
from tests.parsing.m2fp.conftest import Conversion
from tests.parsing.remote.processes import Running, mien_service


@pytest.fixture(scope="module")
def models(conversion: Conversion, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models, as `mien models` leaves it."""
    root = tmp_path_factory.mktemp("models")
    shutil.copytree(conversion.folder, root / known_models()["m2fp"].folder)
    return root


@pytest.fixture(scope="module")
def service(models: Path) -> Iterator[Running]:
    with mien_service("--engine", "m2fp", environment={"MIEN_MODELS": str(models)}) as running:
        yield running


@pytest.fixture(autouse=True)
def _without_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here are none, unless a test says where."""
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path / "no models"))
    from mien.indexing import work

    work.loaded.cache_clear()


@pytest.fixture
def album(tmp_path: Path, astronaut: NDArray[np.uint8]) -> Path:
    """Her twice, once mirrored; and nobody."""
    folder = tmp_path / "album"
    folder.mkdir()
    nobody = np.full((60, 80, 3), 90, np.uint8)
    for name, pixels in {"a": astronaut, "b": astronaut[:, ::-1], "nobody": nobody}.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


def run(library: Library, album: Path, engine: str | None, progress: list[tuple[str, dict[str, str]]]) -> Summary:
    def report(now: Progress) -> None:
        progress.append((now.phase, active(library)))

    return index(library, [album], engine=engine, jobs=1, executor=Inline(), report=report)


def test_the_parse_is_the_local_one_bit_for_bit(
    service: Running, models: Path, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = create_parser(service.address)
    monkeypatch.setenv("MIEN_MODELS", str(models))
    local = create_parser("m2fp")
    assert remote.fingerprint == local.fingerprint
    found = []
    for pixels in (
        astronaut,
        np.ascontiguousarray(astronaut[:, ::-1]),
        astronaut[:300],
        np.full((70, 90, 3), 9, np.uint8),
    ):
        parse = local.parse(pixels)
        assert remote.parse(pixels).to_bytes() == parse.to_bytes()
        found.append(len(parse))
    assert max(found) > 0, "the network sees nobody anywhere: this proves nothing"


def test_a_library_is_read_here_and_parsed_again_there(
    service: Running, models: Path, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
    progress: list[tuple[str, dict[str, str]]] = []
    with Library.open(tmp_path / "there") as there:
        summary = run(there, album, service.address, progress)
        assert (summary.photos, summary.refined, summary.errors) == (3, 3, ())
        assert observed(there) == [("lite", 3), ("m2fp", 3)]
        phases = [phase for phase, _ in progress]
        first = phases.index("refine")
        assert "read" not in phases[first:]
        assert progress[first][1] == dict.fromkeys(("a.png", "b.png", "nobody.png"), "lite"), "all are there by then"
        assert set(active(there).values()) == {"m2fp"}
        again = run(there, album, None, progress)
        assert (again.read, again.lost) == (0, None)
        monkeypatch.setenv("MIEN_MODELS", str(models))
        at_home = run(there, album, "m2fp", progress)
        assert at_home.read == 0, "where an engine runs is no matter"
        with Library.open(tmp_path / "here") as here:
            run(here, album, "m2fp", progress)
            assert made(here) == made(there)
    assert normalised(tmp_path / "here") == normalised(tmp_path / "there")


def test_named_people_come_first_and_stay_named(
    service: Running, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
    progress: list[tuple[str, dict[str, str]]] = []
    with Library.open(tmp_path / "library") as library:
        run(library, album, "lite", progress)
        (mirrored,) = [row for row in listing.figures(library.catalog) if Path(row.photo).name == "b.png"]
        deciding.name(library, mirrored.figure_id, "Eileen")
        with library.catalog.read() as connection:
            order = interest.by_interest(connection)
        progress.clear()
        run(library, album, service.address, progress)
        done: list[str] = []
        for _, now in progress:
            done += sorted(name for name, engine in now.items() if engine == "m2fp" and name not in done)
        names = {row.photo_id: Path(row.photo).name for row in listing.photos(library.catalog)}
        assert done == [names[photo_id] for photo_id in order]
        assert done[-1] == "nobody.png"
        for engine in (None, "lite"):
            run(library, album, engine, progress)
            named = {row.figure_id: row.person_name for row in listing.figures(library.catalog)}
            assert named[mirrored.figure_id] == "Eileen", "whatever either engine sees of her"
