"""Names go out to other programs and come in from them: with the real engine."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from mien.cli import Commands
from mien.photo.face_regions import Shape, face_regions
from mien.photo.orientation import stored
from mien.photo.rdf import parse
from tests.cli.conftest import Indexed, Mien, call, run
from tests.photo.pictures import STORED, exif
from tests.photo.xmp_packets import lightroom, packet, windows_photo_gallery

NAME = 'Eileen "<&>" 李明'


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory, astronaut: NDArray[np.uint8]) -> Path:
    """A woman's photo in every EXIF orientation: upright they look alike."""
    album = tmp_path_factory.mktemp("turned") / "album"
    album.mkdir()
    for orientation, store in STORED.items():
        upright = astronaut[: 500 - orientation, :420]
        picture = Image.fromarray(np.ascontiguousarray(store(upright)))
        picture.save(album / f"{orientation}.jpg", quality=95, exif=exif({0x0112: orientation}))
    return album


def test_names_survive_a_lost_library_by_sidecars_alone(turned: Path, tmp_path: Path) -> None:
    originals = {path: path.read_bytes() for path in turned.iterdir()}

    def mien(*arguments: str | Path) -> str:
        done = (run if arguments[0] == "index" else call)(*arguments, library=tmp_path / "library")
        assert done.code == 0, done.err
        return done.out

    def rows(command: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in mien(command, "--json").splitlines()]

    mien("index", turned, "--jobs", "1", "--json")
    (woman,) = rows("people")
    assert woman["figures"] == 8
    mien("name", str(woman["person_id"]), NAME)
    done = json.loads(mien("regions", "export", "--beside", "--json"))
    assert (done["faces"], done["people"], len(done["written"])) == (8, 1, 8)
    faces = {Path(str(row["photo"])).stem: row["face"]["box"] for row in rows("figures")}  # type: ignore[index]
    for orientation in range(1, 9):
        shape = Shape(420, 500 - orientation, orientation)
        read = parse((turned / f"{orientation}.jpg.xmp").read_bytes())
        (face,) = face_regions(read, shape).faces
        box = np.divide(faces[str(orientation)], (shape.width, shape.height) * 2)
        assert face.name == NAME
        assert face.box == pytest.approx(box, abs=1e-3)
        # The same numbers are those of the stored picture for a program that knows nothing of orientations.
        (as_stored,) = face_regions(read, Shape(*shape.stored)).faces
        assert as_stored.box == pytest.approx(stored(tuple(box), orientation), abs=1e-3)

    shutil.rmtree(tmp_path / "library")
    mien("index", turned, "--jobs", "1", "--json")
    taken = json.loads(mien("regions", "import", "--json"))
    assert (taken["decisions"], taken["left"]) == (1, [])
    assert [(p["name"], p["figures"], p["drawn"]) for p in taken["people"]] == [(NAME, 8, 0)]
    assert [(row["name"], row["figures"]) for row in rows("people")] == [(NAME, 8)]
    assert {path: path.read_bytes() for path in originals} == originals


def test_names_from_the_photos_themselves(tmp_path: Path, astronaut: NDArray[np.uint8]) -> None:
    """What Lightroom and Windows put into files; the face is at (0.35–0.53, 0.12–0.38) of the photo."""
    album = tmp_path / "album"
    album.mkdir()
    area = 'stArea:h="0.20000" stArea:w="0.10000" stArea:x="0.30000" stArea:y="0.40000"'
    where = 'stArea:h="0.26" stArea:w="0.18" stArea:x="0.44" stArea:y="0.25"'
    packets = {
        "lightroom": packet(lightroom("Eileen", 512, 512).replace(area, where)),
        "windows": packet(windows_photo_gallery("EILEEN", "0.35, 0.12, 0.18, 0.26")),
        "broken": b"<x:xmpmeta",
    }
    for number, (name, xmp) in enumerate(packets.items()):
        Image.fromarray(astronaut).save(album / f"{name}.jpg", quality=90 + number, xmp=xmp)
    run("index", album, "--jobs", "1", library=tmp_path / "library")
    dry = call("regions", "import", album, "--dry-run", library=tmp_path / "library", language="zh")
    assert dry.code == 0
    assert "未写入" in dry.out
    done = call("regions", "import", album, library=tmp_path / "library")
    assert done.code == 0
    assert "Eileen: 2 figures" in done.out or "EILEEN: 2 figures" in done.out
    assert "mien undo" in done.out
    assert "broken.jpg" in done.err
    (woman,) = call("people", "--json", library=tmp_path / "library").rows
    assert (woman["name"].lower(), woman["figures"]) == ("eileen", 3)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["export"], 2),
        (["export", "--beside", "--to", "out"], 2),
        (["import", ""], 2),
        (["import", "/none/such"], 1),
        (["import", "--from", "/none/such"], 2),
        (["export", "--person", "Nobody", "--to", "out"], 1),
    ],
)
def test_wrong_use(arguments: list[str], code: int, tmp_path: Path) -> None:
    called = CliRunner().invoke(Commands("mien"), ["regions", *arguments, "--library", str(tmp_path / "library")])
    assert called.exit_code == code


def test_a_sidecar_that_was_left_alone_is_named(indexed: Indexed, mien: Mien, tmp_path: Path) -> None:
    (woman,) = mien("people", "--json").rows
    mien("name", woman["person_id"], "Eileen")
    bad = tmp_path / "out" / indexed.album.name / "副本.jpg.xmp"
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"<x:xmpmeta")
    done = mien("regions", "export", "--person", "Eileen", "--to", tmp_path / "out", "--json")
    assert done.code == 1
    assert str(bad) in done.err
    assert bad.read_bytes() == b"<x:xmpmeta"
    (row,) = done.rows
    assert (len(row["written"]), len(row["left"])) == (2, 1)
