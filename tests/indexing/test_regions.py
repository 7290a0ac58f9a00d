"""Names that other programs gave to faces come in, and names given here go out."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import UnknownName
from mien.indexing import deciding, region_export, region_import
from mien.indexing.heritage import decided
from mien.indexing.region_export import Exported, export_regions
from mien.indexing.region_import import Imported
from mien.indexing.region_matching import assign, head, settled
from mien.people.anchors import GRID, Anchor
from mien.photo.face_regions import FaceRegion
from mien.photo.orientation import Box
from tests.indexing import fake
from tests.indexing.conftest import Index
from tests.photo.xmp_packets import dimensions, packet, region, regions, windows_photo_gallery

WIDTH, HEIGHT = fake.WIDTH, fake.HEIGHT
FULL = bytes([255]) * (GRID * GRID // 8)


def face(left: int, name: str, **options: object) -> str:
    """The region of the face of somebody of the fake album whose left edge is there (px)."""
    x, y, w, h = (left + 15) / WIDTH, (20 + 11) / HEIGHT, 32 / WIDTH, 23 / HEIGHT
    return region(name, round(x, 5), round(y, 5), round(w, 5), round(h, 5), **options)  # type: ignore[arg-type]


def sidecar(photo: Path, *faces: str, suffix: str = ".xmp") -> Path:
    file = photo.with_name(photo.name + suffix)
    file.write_bytes(packet(regions(*faces, dimensions=dimensions(WIDTH, HEIGHT))))
    return file


def take_over(library: Library, *paths: Path, **options: object) -> Imported:
    result = region_import.import_regions(library, [str(p) for p in paths], **options)  # type: ignore[arg-type]
    deciding.up_to_date(library)
    return result


def names(library: Library) -> dict[str | None, int]:
    return {row.name: row.figures for row in listing.people(library.catalog) if row.name is not None}


def reasons(result: Imported | Exported) -> list[str]:
    return [left.reason.code if isinstance(left, region_import.LeftAlone) else left.code for left in result.left]


def test_an_album_without_regions(library: Library, album: Path, run: Index) -> None:
    assert take_over(library) == Imported()
    run(album)
    result = take_over(library)
    assert (result.photos, result.regions, result.people, result.left) == (5, 0, [], [])
    assert library.journal.entries() == ()


def test_names_come_in_once(library: Library, album: Path, run: Index) -> None:
    run(album)
    sidecar(album / "0.png", face(10, "Anna"), face(90, "Bob"))
    sidecar(album / "1.png", face(50, "anna"))
    sidecar(album / "4.png", face(5, "Cem"))
    result = take_over(library)
    assert (result.regions, result.unnamed, result.known, result.left) == (4, 0, 0, [])
    assert [(p.name, p.figures, p.drawn) for p in result.people] == [("Anna", 2, 0), ("Bob", 1, 0), ("Cem", 1, 0)]
    assert names(library) == {"Anna": 4, "Bob": 3, "Cem": 1}
    assert [entry.kind for entry in library.journal.entries()] == ["name"] * 3 + ["import"]
    again = take_over(library)
    assert (again.people, again.known) == ([], 4)
    assert len(library.journal.entries()) == 4
    deciding.undo(library)
    assert names(library) == {}


def test_only_what_lies_at_the_paths_asked_for(library: Library, album: Path, run: Index) -> None:
    run(album)
    sidecar(album / "0.png", face(10, "Anna"))
    sidecar(album / "4.png", face(5, "Cem"))
    assert [p.name for p in take_over(library, album / "4.png").people] == ["Cem"]
    with pytest.raises(UnknownName):
        take_over(library, album / "none")
    with pytest.raises(UnknownName):
        take_over(library, album, album.parent / "elsewhere")


def test_nothing_is_written_by_a_dry_run(library: Library, album: Path, run: Index) -> None:
    run(album)
    sidecar(album / "0.png", face(10, "Anna"), face(90, "Bob"))
    assert len(take_over(library, dry_run=True).people) == 2
    assert library.journal.entries() == ()


def test_people_of_that_name_are_joined(library: Library, album: Path, run: Index) -> None:
    run(album)
    deciding.name(library, listing.people(library.catalog)[0].person_id, "Anna Ｍüller")
    before = set(decided(library).people)
    # A figure that grouping has not joined with her, and one that it has.
    sidecar(album / "4.png", face(5, "anna müller"))
    sidecar(album / "0.png", face(10, "ANNA  MÜLLER"))
    take_over(library)
    assert set(decided(library).people) == before
    assert names(library) == {"Anna Ｍüller": 5}


def test_a_face_where_nobody_is_seen_is_drawn_by_hand(library: Library, album: Path, run: Index) -> None:
    run(album)
    sidecar(album / "2.png", face(60, "Dana"))
    result = take_over(library)
    assert [(p.name, p.figures, p.drawn) for p in result.people] == [("Dana", 1, 1)]
    (drawn,) = [f for f in listing.figures(library.catalog) if f.person_name == "Dana"]
    assert drawn.box == pytest.approx((59, 19.5, 91, 42.5), abs=0.2)
    assert take_over(library).people == []
    assert names(library) == {"Dana": 1}


def test_what_was_decided_here_wins(library: Library, album: Path, run: Index) -> None:
    run(album)
    figures = {(Path(f.photo).name, f.box[0]): f.figure_id for f in listing.figures(library.catalog)}
    deciding.name(library, figures["0.png", 10.0], "Anna")
    deciding.not_a_person(library, figures["4.png", 5.0])
    deciding.name(library, figures["0.png", 90.0], "Bob")
    deciding.reject(library, figures["4.png", 60.0])
    sidecar(album / "0.png", face(10, "Berta"), face(90, "Bob"))
    sidecar(album / "4.png", face(5, "Cem"), face(60, "Bob"))
    before = library.journal.head
    result = take_over(library)
    assert library.journal.head == before
    assert result.known == 1
    assert sorted(reasons(result)) == ["region-contradicts", "region-nobody", "region-other-person"]
    assert {left.photo.name for left in result.left} == {"0.png", "4.png"}
    assert all(left.reason.message("en") and left.reason.message("zh") for left in result.left)


def test_two_who_were_said_to_differ_do_not_become_one(library: Library, album: Path, run: Index) -> None:
    run(album)
    figures = {(Path(f.photo).name, f.box[0]): f.figure_id for f in listing.figures(library.catalog)}
    deciding.different(library, figures["0.png", 10.0], figures["4.png", 5.0])
    for photo, left in (("0.png", 10), ("1.png", 50), ("4.png", 5)):
        sidecar(album / photo, face(left, "Anna"))
    result = take_over(library)
    assert reasons(result) == ["region-contradicts"]
    assert [(p.name, p.figures) for p in result.people] == [("Anna", 2)]


def test_figures_that_were_said_to_be_one_get_the_name_together(library: Library, album: Path, run: Index) -> None:
    run(album)
    figures = {(Path(f.photo).name, f.box[0]): f.figure_id for f in listing.figures(library.catalog)}
    deciding.same(library, figures["0.png", 10.0], figures["4.png", 5.0])
    sidecar(album / "0.png", face(10, "Anna"))
    take_over(library)
    assert [(p.name, len(p.anchors)) for p in decided(library).people.values()] == [("Anna", 2)]


def test_who_decides_meanwhile_is_heard(
    library: Library, album: Path, run: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    figures = {(Path(f.photo).name, f.box[0]): f.figure_id for f in listing.figures(library.catalog)}
    sidecar(album / "0.png", face(10, "Anna"), face(90, "Bob"))
    weigh, heard = region_import._weigh, []

    def weighed(*arguments: object) -> object:
        verdict = weigh(*arguments)  # type: ignore[arg-type]
        if not heard:
            heard.append(deciding.name(library, figures["0.png", 10.0], "Berta"))
        return verdict

    monkeypatch.setattr(region_import, "_weigh", weighed)
    result = take_over(library)
    assert reasons(result) == ["region-other-person"]
    assert names(library) == {"Berta": 4, "Bob": 3}


@pytest.mark.parametrize("name", ["李明", "דוד לוי", "<&>\"'", "Zoë"])
def test_names_of_all_kinds(library: Library, album: Path, run: Index, name: str) -> None:
    run(album)
    sidecar(album / "0.png", face(10, name.replace("&", "&amp;").replace("<", "&lt;")))
    take_over(library)
    assert set(names(library)) == {name}


def test_what_cannot_be_used_is_told(library: Library, album: Path, run: Index) -> None:
    run(album)
    sidecar(album / "0.png").write_bytes(b"<x:xmpmeta")
    sidecar(album / "1.png", face(50, "A" * 300), face(100, ""), region("Eve", 0.5, 0.5, 0, 0))
    (album / "2.png.xmp").write_bytes(packet(regions(face(60, "Dana"), dimensions=dimensions(100, 100))))
    fake.photo_of(album / "3.png", {"bob": 30}, shade=1)
    result = take_over(library)
    assert sorted(reasons(result)) == [
        "name-too-long", "photo-changed", "region-no-place", "region-other-version", "xmp-malformed",
    ]  # fmt: skip
    assert (result.people, result.unnamed) == ([], 1)
    assert all(left.reason.message("en") and left.reason.message("zh") for left in result.left)


def test_copies_of_a_photo_speak_together(library: Library, album: Path, run: Index) -> None:
    shutil.copy(album / "0.png", album / "copy.png")
    run(album)
    sidecar(album / "0.png", face(10, "Anna"))
    sidecar(album / "copy.png", face(10, "Anna"), face(90, "Bob"))
    assert [(p.name, p.figures) for p in take_over(library).people] == [("Anna", 1), ("Bob", 1)]


def test_names_go_out_and_come_back(library: Library, album: Path, run: Index, changes: list[tuple[str, str]]) -> None:
    run(album)
    for person, said in zip(listing.people(library.catalog), ("Anna", "李明", "<Cem & Co>"), strict=True):
        deciding.name(library, person.person_id, said)
    deciding.confirm(
        library, [f.figure_id for f in listing.figures(library.catalog) if f.person_name == "Anna"], "Anna"
    )
    changes.clear()
    done = export_regions(library, dry_run=True)
    assert not [path for _, path in changes if album in Path(path).parents]
    assert export_regions(library).written == done.written
    assert {Path(path).suffix for _, path in changes if album in Path(path).parents} <= {".xmp"} | {
        Path(path).suffix for _, path in changes if ".xmp." in path
    }
    assert done.faces == sum(f.person_source == "decided" for f in listing.figures(library.catalog))
    again = export_regions(library)
    assert (again.written, again.unchanged) == ([], len(done.written))
    entries = len(library.journal.entries())
    known = take_over(library)
    assert (known.people, known.known, len(library.journal.entries())) == ([], done.faces, entries)
    with Library.open(library.folder.parent / "other") as other:
        from mien.indexing.indexer import index
        from tests.indexing.inline import Inline

        index(other, (album,), engine="fake", jobs=1, executor=Inline(), make_chain=fake.make_fake)
        take_over(other)
        assert names(other) == names(library)


def test_a_name_that_was_taken_back_goes(library: Library, album: Path, run: Index) -> None:
    run(album)
    deciding.name(library, listing.people(library.catalog)[0].person_id, "Anna")
    written = export_regions(library).written
    assert b"Anna" in written[0].read_bytes()
    deciding.undo(library)
    assert export_regions(library).written == written
    assert b"Anna" not in written[0].read_bytes()
    assert export_regions(library).written == []


def test_what_others_wrote_stays_and_the_first_version_is_kept(library: Library, album: Path, run: Index) -> None:
    run(album)
    file = sidecar(album / "0.png", face(10, "Ana"), face(60, "Somebody"))
    file.chmod(0o640)
    before = file.read_bytes()
    people = listing.people(library.catalog)
    deciding.name(library, people[0].person_id, "Anna")
    export_regions(library)
    kept = file.with_name(file.name + ".bak")
    assert kept.read_bytes() == before
    assert b"Somebody" in file.read_bytes()
    assert b">Anna<" in file.read_bytes()
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o640
    deciding.name(library, people[1].person_id, "Bob")
    export_regions(library)
    assert kept.read_bytes() == before
    assert b"Bob" in file.read_bytes()


@pytest.mark.parametrize("content", [b"", b"<x:xmpmeta", b"<!DOCTYPE x><x/>"])
def test_a_malformed_sidecar_is_left_alone(library: Library, album: Path, run: Index, content: bytes) -> None:
    run(album)
    (album / "0.png.xmp").write_bytes(content)
    deciding.name(library, listing.people(library.catalog)[0].person_id, "Anna")
    figures = [f.figure_id for f in listing.figures(library.catalog) if f.person_name == "Anna"]
    deciding.confirm(library, figures, "Anna")
    done = export_regions(library)
    assert reasons(done) == ["sidecar-malformed"]
    assert "0.png.xmp" in done.left[0].message()
    assert (album / "0.png.xmp").read_bytes() == content
    assert len(done.written) == 3
    assert not list(album.glob("*.bak"))


def test_only_these_people_and_only_what_was_decided(library: Library, album: Path, run: Index) -> None:
    run(album)
    anna, bob, _ = listing.people(library.catalog)
    first = next(f for f in listing.figures(library.catalog) if f.person_id == anna.person_id)
    deciding.name(library, anna.person_id, "Anna")
    deciding.name(library, bob.person_id, "Bob")
    every = listing.figures(library.catalog)
    decided_ones = sum(f.person_source == "decided" for f in every)
    assert export_regions(library, dry_run=True).faces == decided_ones
    assert export_regions(library, ["Bob"], dry_run=True).people == {
        f.person_id for f in every if f.person_name == "Bob"
    }
    with pytest.raises(UnknownName):
        export_regions(library, ["Nobody"], dry_run=True)
    deciding.hide(library, "Bob")
    hidden = export_regions(library, dry_run=True)
    assert hidden.people == {f.person_id for f in every if f.person_name == "Anna"}
    assert export_regions(library, ["Bob"], dry_run=True).faces > 0
    assert first.figure_id


def test_guesses_go_out_only_if_asked_for_and_never_come_back(library: Library, album: Path, run: Index) -> None:
    run(album)
    deciding.name(library, listing.people(library.catalog)[0].person_id, "Anna")
    with library.catalog.write() as connection:
        connection.execute(
            "UPDATE membership SET source = 'inferred', confidence = 0.95 WHERE figure_id IN"
            " (SELECT figure_id FROM membership WHERE person_id IN (SELECT person_id FROM people WHERE name = 'Anna')"
            " ORDER BY figure_id LIMIT 2)"
        )
    plain, all_ = export_regions(library, dry_run=True).faces, export_regions(library, guesses=True).faces
    assert all_ == plain + 2
    result = take_over(library)
    assert (result.people, result.unnamed) == ([], 2)
    export_regions(library)
    assert take_over(library).unnamed == 0


def test_a_folder_that_mirrors_the_library(library: Library, album: Path, run: Index, tmp_path: Path) -> None:
    twin = tmp_path / "more" / "album"
    (album / "deep").mkdir()
    shutil.move(album / "1.png", album / "deep" / "1.png")
    fake.photo_of(twin / "0.png", {"anna": 40}, shade=99)
    run(album)
    deciding.name(library, listing.people(library.catalog)[0].person_id, "Anna")
    target = tmp_path / "out"
    written = export_regions(library, folder=target).written
    assert target / "album" / "deep" / "1.png.xmp" in written
    assert not list(album.rglob("*.xmp"))
    run(twin)
    deciding.confirm(
        library, [f.figure_id for f in listing.figures(library.catalog) if f.person_name == "Anna"], "Anna"
    )
    both = export_regions(library, folder=tmp_path / "both").written
    assert len(set(both)) == len(both) == 5
    with Library.open(tmp_path / "other") as other:
        from mien.indexing.indexer import index
        from tests.indexing.inline import Inline

        index(other, (album, twin), engine="fake", jobs=1, executor=Inline(), make_chain=fake.make_fake)
        assert take_over(other).people == []
        take_over(other, folder=tmp_path / "both")
        assert names(other) == names(library)


def test_a_link_stays_one_and_a_folder_is_no_sidecar(library: Library, album: Path, run: Index, tmp_path: Path) -> None:
    run(album)
    real = tmp_path / "real.xmp"
    real.write_bytes(packet())
    try:
        (album / "0.png.xmp").symlink_to(real)
    except OSError:
        pytest.skip("no links here")
    (album / "1.png.xmp").mkdir()
    deciding.name(library, listing.people(library.catalog)[0].person_id, "Anna")
    deciding.confirm(
        library, [f.figure_id for f in listing.figures(library.catalog) if f.person_name == "Anna"], "Anna"
    )
    assert reasons(export_regions(library)) == ["sidecar-no-file"]
    assert (album / "0.png.xmp").is_symlink()
    assert b"Anna" in real.read_bytes()


def test_a_sidecar_that_another_program_just_wrote_is_left(
    library: Library, album: Path, run: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    file = sidecar(album / "0.png", face(60, "Somebody"))
    deciding.name(library, listing.people(library.catalog)[0].person_id, "Anna")
    deciding.confirm(
        library, [f.figure_id for f in listing.figures(library.catalog) if f.person_name == "Anna"], "Anna"
    )
    original = region_export.with_faces

    def slow(before: bytes | None, *rest: object) -> bytes:
        result = original(before, *rest)  # type: ignore[arg-type]
        if before is not None and b"Somebody" in before:
            file.write_bytes(packet())
        return result

    monkeypatch.setattr(region_export, "with_faces", slow)
    assert reasons(export_regions(library)) == ["sidecar-changed"]
    assert file.read_bytes() == packet()


def place(box: Box, face_box: Box | None = None, mask: bytes = FULL) -> Anchor:
    return Anchor("photo", box, mask, face_box)


LEFT, RIGHT = place((0, 0, 0.4, 1), (0.1, 0.1, 0.3, 0.3)), place((0.5, 0, 0.9, 1), (0.6, 0.1, 0.8, 0.3))
FACELESS = place((0.5, 0.2, 0.9, 1))


@pytest.mark.parametrize(
    ("boxes", "places", "expected"),
    [
        ([], [], []),
        ([(0.1, 0.1, 0.3, 0.3)], [], [None]),
        ([], [LEFT], []),
        ([(0.1, 0.1, 0.3, 0.3)], [RIGHT, LEFT], [1]),
        ([(0.05, 0.0, 0.35, 0.35)], [LEFT], [0]),
        ([(0.17, 0.17, 0.23, 0.23)], [LEFT], [0]),
        ([(0.4, 0.5, 0.5, 0.6)], [LEFT, RIGHT], [None]),
        ([(0.1, 0.1, 0.3, 0.3), (0.12, 0.12, 0.3, 0.3)], [LEFT], [0, None]),
        ([(0.6, 0.1, 0.8, 0.3), (0.1, 0.1, 0.3, 0.3)], [LEFT, RIGHT], [1, 0]),
        ([(0.65, 0.22, 0.75, 0.32)], [LEFT, FACELESS], [1]),
        ([(0.65, 0.8, 0.75, 0.9)], [FACELESS], [None]),
        ([(0.65, 0.22, 0.75, 0.32)], [place((0.5, 0.2, 0.9, 1), mask=bytes(len(FULL)))], [None]),
    ],
)
def test_whose_face_a_region_is(boxes: list[Box], places: list[Anchor], expected: list[int | None]) -> None:
    assert assign(boxes, places) == expected


@pytest.mark.parametrize("mask", [FULL, bytes([0, 255, 0] * GRID), bytes([255, 0, 0] * GRID), bytes(len(FULL))])
@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0])
def test_the_head_of_who_is_seen_from_behind_is_theirs(mask: bytes, shape: float) -> None:
    somebody = place((0.2, 0.1, 0.6, 0.9), mask=mask)
    box = head(somebody, shape)
    assert 0 <= box[0] < box[2] <= 1
    assert 0 <= box[1] < box[3] <= 1
    assert assign([box], [somebody]) == [0 if any(mask) else None]


def test_a_region_is_read_as_its_writer_meant_it() -> None:
    stored, upright = (0.6, 0.1, 0.8, 0.3), (0.1, 0.1, 0.3, 0.3)
    unclear = FaceRegion("Anna", stored, "microsoft", otherwise=upright)
    assert settled([], [LEFT]) == []
    assert [r.box for r in settled([unclear], [])] == [stored]
    assert [r.box for r in settled([unclear], [LEFT])] == [upright]
    assert [r.box for r in settled([unclear], [RIGHT])] == [stored]
    assert [r.box for r in settled([unclear], [LEFT, RIGHT])] == [stored]


def test_regions_of_microsofts_kind_in_a_turned_photo(library: Library, tmp_path: Path, run: Index) -> None:
    """Stored on its side; one program wrote where the face is as stored, another where it is seen."""
    pixels = np.full((HEIGHT, WIDTH, 3), fake.GREY, np.uint8)
    pixels[20:110, 10:40] = fake.COLOURS["anna"]
    for name, rectangle in (
        ("stored", f"{20 / HEIGHT}, {1 - 40 / WIDTH}, {22.5 / HEIGHT}, {30 / WIDTH}"),
        ("upright", f"{10 / WIDTH}, {20 / HEIGHT}, {30 / WIDTH}, {22.5 / HEIGHT}"),
    ):
        pixels[-4:] = len(name)
        exif = Image.Exif()
        exif[0x0112] = 6
        (tmp_path / "turned").mkdir(exist_ok=True)
        Image.fromarray(np.ascontiguousarray(np.rot90(pixels))).save(tmp_path / "turned" / f"{name}.png", exif=exif)
        (tmp_path / "turned" / f"{name}.png.xmp").write_bytes(packet(windows_photo_gallery("Anna", rectangle)))
    run(tmp_path / "turned")
    assert [(p.name, p.figures, p.drawn) for p in take_over(library).people] == [("Anna", 2, 0)]


def test_names_that_picasa_kept_to_itself(library: Library, album: Path, run: Index) -> None:
    def rect(left: int) -> str:
        shares = (left / WIDTH, 20 / HEIGHT, (left + 30) / WIDTH, 43 / HEIGHT)
        return "".join(f"{round(share * 0xFFFF):04x}" for share in shares).lstrip("0")

    run(album)
    (album / ".picasa.ini").write_text(
        "[Picasa]\r\nname=album\r\n[Contacts2]\r\n8e62398ebda8c1a5=李明;li@example.org;\r\nd10a8325c557b085=Bob;;\r\n"
        f"[0.PNG]\r\nfaces=rect64({rect(10)}),8e62398ebda8c1a5;rect64({rect(90)}),ffffffffffffffff\r\n"
        f"[4.png]\r\nbackuphash=1\r\nfaces=rect64({rect(60)}),d10a8325c557b085;rect64({rect(5)}),ff00ff00ff00ff00\r\n",
        encoding="utf-8",
    )
    sidecar(album / "4.png", face(60, "Robert"))  # what was written since wins
    result = take_over(library)
    assert [(p.name, p.figures, p.drawn) for p in result.people] == [("Robert", 1, 0), ("李明", 1, 0)]
    assert (result.unnamed, result.left) == (2, [])
