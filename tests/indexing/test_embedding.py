"""An embedder of the user's own, from its file to the people: taken, described by, calibrated, switched, lost."""

import json
from collections import defaultdict
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from mien.catalog import embedding as stored
from mien.catalog import listing
from mien.catalog.library import Library
from mien.cli import _group
from mien.faces import trial
from mien.indexing import deciding, embedding, indexer
from mien.indexing.indexer import index
from mien.indexing.recall import sightings
from mien.indexing.regroup import is_current, regroup
from mien.models import embedders, folder
from tests.faces.networks import FEATURES, LINEAR, linear, orthogonal
from tests.indexing.inline import Inline
from tests.indexing.patterns import album, make_patterns

PEOPLE = 14
PHOTOS = 28
AS_TRAINED = ("--rgb", "--pixels", "signed")
GOOD = linear(orthogonal(FEATURES, 512))


def draw(seed: int = 0, photos: int = PHOTOS) -> list[tuple[int, ...]]:
    rng = np.random.default_rng(seed)
    return [tuple(rng.choice(PEOPLE, 2, replace=False).tolist()) for _ in range(photos)]


def blind() -> bytes:
    """A network that sees how bright each colour is, and no face."""
    matrix = np.zeros((FEATURES, 128), np.float32)
    for channel in range(3):
        cells = slice(channel * FEATURES // 3, (channel + 1) * FEATURES // 3)
        matrix[cells] = np.random.default_rng(channel).normal(size=128) / 64
    return linear(matrix + 1e-4 * orthogonal(128, FEATURES).T)


@pytest.fixture(autouse=True)
def _patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of this process see patterns as faces, also those of the command line."""
    run = partial(index, jobs=1, executor=Inline(), make_chain=make_patterns)
    monkeypatch.setattr(indexer, "index", run)
    monkeypatch.setattr(trial, "TELLING", LINEAR)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return album(tmp_path / "album", draw())


@pytest.fixture
def indexed(library: Library, photos: list[Path]) -> Library:
    indexer.index(library, [photos[0].parent])
    return library


def mien(library: Library, *arguments: str) -> Result:
    return CliRunner().invoke(_group(), [*arguments, "--library", str(library.folder)], catch_exceptions=False)


def embedder(library: Library, *arguments: str) -> list[dict[str, object]]:
    done = mien(library, "embedder", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def given(tmp_path: Path, data: bytes, name: str = "own.onnx") -> str:
    (tmp_path / name).write_bytes(data)
    return str(tmp_path / name)


def groups(library: Library) -> set[frozenset[str]]:
    """Who is with whom."""
    found: dict[str, set[str]] = defaultdict(set)
    with library.catalog.read() as connection:
        for figure, person in connection.execute("SELECT figure_id, person_id FROM membership"):
            found[person].add(figure)
    return {frozenset(figures) for figures in found.values()}


def names(library: Library) -> dict[str, int]:
    return {row.name: row.figures for row in listing.people(library.catalog) if row.name}


def dimensions(library: Library) -> set[int]:
    with library.catalog.read() as connection:
        return {len(s.face_vector) for s in sightings(connection) if s.face_vector is not None}


def test_a_good_one_finds_the_same_people_and_going_back_costs_nothing(
    indexed: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = groups(indexed)
    assert len(before) == PEOPLE
    builtin, own = embedder(indexed, "use", given(tmp_path, GOOD), *AS_TRAINED)
    assert (builtin["in_force"], own["in_force"], own["chosen"], own["lacking"]) == (False, True, True, 0)
    assert (own["state"], own["colours"], own["pixels"]) == ("measured", "rgb", "signed")
    assert own["recall"] == 1
    assert own["strangers"] > 100  # type: ignore[operator]
    assert dimensions(indexed) == {512}
    assert groups(indexed) == before

    monkeypatch.setattr(indexer, "index", lambda *_, **__: pytest.fail("all that is needed is there"))
    assert embedder(indexed, "use", "builtin")[0]["in_force"] is True
    assert dimensions(indexed) == {128}
    assert groups(indexed) == before
    assert embedder(indexed, "use", "own.onnx")[1]["in_force"] is True, "known by its name"
    assert embedder(indexed, "use", str(own["sha256"])[:8])[1]["in_force"] is True
    assert groups(indexed) == before
    assert is_current(indexed)


def test_nothing_is_parsed_again_and_no_face_looked_for(
    indexed: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for network in ("PatternParser.parse", "PatternFinder.find"):
        monkeypatch.setattr(f"tests.indexing.patterns.{network}", lambda *_: pytest.fail("it was"))
    assert embedder(indexed, "use", given(tmp_path, GOOD), *AS_TRAINED)[1]["lacking"] == 0


def test_photos_that_come_later_are_described_at_once(indexed: Library, tmp_path: Path) -> None:
    embedder(indexed, "use", given(tmp_path, GOOD), *AS_TRAINED)
    album(tmp_path / "more", draw(1, 6))
    summary = indexer.index(indexed, [tmp_path / "more"])
    assert summary.read == 6, "none twice"
    assert embedder(indexed, "status")[1]["lacking"] == 0
    assert len(groups(indexed)) == PEOPLE


def test_a_run_that_was_ended_is_gone_on_with(
    indexed: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until nearly all is described, people go by the built-in vectors."""
    before, done = groups(indexed), []

    def stop(*_: object) -> None:
        done.append(1)
        if len(done) == 5:
            raise KeyboardInterrupt

    put = stored.put
    monkeypatch.setattr(stored, "put", lambda *given: (put(*given), stop()))
    assert mien(indexed, "embedder", "use", given(tmp_path, GOOD), *AS_TRAINED).exit_code == 1
    monkeypatch.setattr(stored, "put", put)
    regroup(indexed)
    builtin, own = embedder(indexed, "status")
    assert 0 < own["lacking"] < 2 * PHOTOS  # type: ignore[operator]
    assert (builtin["in_force"], own["chosen"]) == (True, True)
    assert groups(indexed) == before
    assert indexer.index(indexed).read == own["lacking"] / 2, "two people in each photo"  # type: ignore[operator]
    assert embedder(indexed, "status")[1]["in_force"] is True


def test_one_that_sees_no_faces_is_refused_and_changes_nothing(indexed: Library, tmp_path: Path) -> None:
    before = groups(indexed)
    for language in ("en", "zh"):
        done = CliRunner().invoke(
            _group(), ["embedder", "use", given(tmp_path, blind(), "bad.onnx"), "--library", str(indexed.folder)],
            env={"MIEN_LANG": language},
        )  # fmt: skip
        assert done.exit_code == 1
        assert "bad.onnx" in done.stderr
    assert embedding.chosen(indexed.folder) is None
    assert not (folder() / "embedders").exists(), "it was not even kept"
    assert groups(indexed) == before


def test_one_that_was_taken_untried_and_knows_nobody_merges_nobody(library: Library, tmp_path: Path) -> None:
    """Given while the library is empty, there is no face to try it on; what it is worth shows later."""
    (_, own) = embedder(library, "use", given(tmp_path, blind(), "bad.onnx"))
    assert (own["chosen"], own["in_force"], own["state"]) == (True, False, "waiting")
    photos = album(tmp_path / "album", draw())
    indexer.index(library, [photos[0].parent])
    (builtin, own) = embedder(library, "status")
    assert (own["state"], own["in_force"], builtin["in_force"]) == ("useless", False, True)
    assert len(groups(library)) == PEOPLE
    assert "bad.onnx" in mien(library, "embedder", "status").stdout


def test_decisions_outlive_every_switch(indexed: Library, tmp_path: Path) -> None:
    one, two = (listing.people(indexed.catalog)[i] for i in (0, 1))
    deciding.name(indexed, one.person_id, "Ada", follow=True)
    with indexed.catalog.read() as connection:
        rows = connection.execute("SELECT figure_id FROM membership WHERE person_id = ?", (two.person_id,))
        figure, other = (figure for (figure,) in rows.fetchmany(2))
    deciding.confirm(indexed, [figure], one.person_id)
    deciding.different(indexed, figure, other)
    said, before = names(indexed), groups(indexed)
    assert set(said) == {"Ada"}
    given(tmp_path, GOOD)
    for which in ((str(tmp_path / "own.onnx"), *AS_TRAINED), ("builtin",), ("own.onnx",), ("builtin",)):
        embedder(indexed, "use", *which)
        assert names(indexed) == said
        assert groups(indexed) == before


def test_a_file_that_is_gone_is_told_and_new_faces_are_described_by_the_built_in_one(
    indexed: Library, tmp_path: Path
) -> None:
    own = embedder(indexed, "use", given(tmp_path, GOOD), *AS_TRAINED)[1]
    embedders.place_of(folder(), str(own["sha256"])).unlink()
    album(tmp_path / "more", draw(1, 6))
    summary = indexer.index(indexed, [tmp_path / "more"])
    assert summary.lost is not None
    assert summary.lost.code == "embedder-missing"
    assert embedder(indexed, "status")[1]["lacking"] == 12
    (tmp_path / "own.onnx").write_bytes(GOOD)
    assert embedder(indexed, "use", str(tmp_path / "own.onnx"), *AS_TRAINED)[1]["lacking"] == 0


def test_what_is_asked_of_it_is_kept(indexed: Library, tmp_path: Path) -> None:
    own = embedder(indexed, "use", given(tmp_path, GOOD), "--bgr", "--pixels", "signed")[1]
    assert (own["colours"], own["pixels"]) == ("bgr", "signed")
    assert embedder(indexed, "use", str(tmp_path / "own.onnx"), *AS_TRAINED)[-1]["colours"] == "rgb"
    assert len(embedder(indexed, "status")) == 3, "built-in, and one file used in two ways"


def test_the_licence_is_spoken_of_once(indexed: Library, tmp_path: Path) -> None:
    first = mien(indexed, "embedder", "use", given(tmp_path, GOOD), *AS_TRAINED)
    assert "licence" in first.stderr
    mien(indexed, "embedder", "use", "builtin")
    assert "licence" not in mien(indexed, "embedder", "use", "own.onnx").stderr


@pytest.mark.parametrize("record", ["", "[]", "{", '{"active": "x", "known": [1, {"name": "y"}]}'])
def test_a_choice_that_cannot_be_read_is_none(library: Library, record: str) -> None:
    (library.folder / embedding.FILE).write_text(record)
    assert embedding.chosen(library.folder) is None
    assert embedding.known(library.folder) == ()
    assert embedding.usable(library.folder) == (None, None)
