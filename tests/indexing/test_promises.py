"""Whatever happens to photos, cache and engines, in any order: decisions hold, and nothing is done without need."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PIL import Image

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing import deciding
from mien.indexing.indexer import index
from mien.indexing.regroup import is_current
from tests.indexing import fake
from tests.indexing.inline import Inline

crowds = st.dictionaries(st.sampled_from(["anna", "bob", "cem"]), st.sampled_from([5, 60, 115]), max_size=3).filter(
    lambda crowd: len(set(crowd.values())) == len(crowd)
)


@dataclass
class Picture:
    path: Path
    crowd: dict[str, int]
    edited: bool = False


@dataclass
class Said:
    """What holds of one colour: its name, and the pictures in which it was seen when it was named."""

    name: str | None = None
    pictures: list[Picture] = field(default_factory=list)


class Promises(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.library = Library.open(self.folder / "library")
        self.pictures: list[Picture] = []
        self.said = {colour: Said() for colour in fake.COLOURS}
        self.spoken: list[tuple[str, Said]] = []
        self.engine, self.count, self.entries = "fake", 0, 0

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)

    def index(self) -> None:
        (self.folder / "album").mkdir(exist_ok=True)
        run = {"engine": self.engine, "jobs": 1, "make_chain": fake.make_fake}
        index(self.library, [self.folder / "album"], executor=Inline(), **run)  # type: ignore[arg-type]
        again = index(self.library, [self.folder / "album"], executor=Inline(), **run)  # type: ignore[arg-type]
        assert again.read == 0, "a second run finds nothing to do"

    @initialize(crowd=crowds)
    def begin(self, crowd: dict[str, int]) -> None:
        self.add(crowd)

    @rule(crowd=crowds)
    def add(self, crowd: dict[str, int]) -> None:
        self.count += 1
        path = self.folder / "album" / f"{self.count}.png"
        self.pictures.append(Picture(fake.photo_of(path, crowd, shade=self.count * 7 % 256), crowd))
        self.index()

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        picture = data.draw(st.sampled_from(self.pictures))
        self.count += 1
        picture.path = picture.path.rename(picture.path.with_name(f"moved {self.count}.png"))
        self.index()

    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        picture = data.draw(st.sampled_from(self.pictures))
        self.count += 1
        path = picture.path.with_name(f"copy {self.count}.png")
        shutil.copy2(picture.path, path)
        self.pictures.append(Picture(path, picture.crowd, picture.edited))
        self.index()

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        picture = data.draw(st.sampled_from(self.pictures))
        if not picture.edited:
            pixels = np.asarray(Image.open(picture.path)).astype(int)
            Image.fromarray(np.clip(pixels + 6, 0, 255).astype(np.uint8)).save(picture.path)
            picture.edited = True
        self.index()

    @rule(engine=st.sampled_from(["fake", "fake-2", "fake-blind", "better", "better-blind"]))
    def change_engine(self, engine: str) -> None:
        self.engine = engine
        self.index()

    @rule(blobs=st.booleans())
    def forget(self, blobs: bool) -> None:
        self.library.catalog.close()
        (self.library.folder / "catalog.db").unlink()
        if blobs:
            shutil.rmtree(self.library.blobs.folder, ignore_errors=True)
        self.index()

    @rule()
    def unplug_for_a_while(self) -> None:
        before = listing.figures(self.library.catalog)
        (self.folder / "album").rename(self.folder / "away")
        self.index()
        assert listing.figures(self.library.catalog) == before
        (self.folder / "album").rmdir()
        (self.folder / "away").rename(self.folder / "album")
        self.index()

    @rule(colour=st.sampled_from(["anna", "bob", "cem"]), title=st.sampled_from("ABC"))
    def name(self, colour: str, title: str) -> None:
        rows = [row for row in listing.figures(self.library.catalog) if self.colour_of(row) == colour]
        if not rows:
            return
        person_id, name = rows[0].person_id or "", f"{colour} {title}"
        shown = {row.photo for row in rows if row.person_id == person_id}
        deciding.name(self.library, person_id, name)
        self.spoken.append((colour, self.said[colour]))
        self.said[colour] = Said(name, [picture for picture in self.pictures if str(picture.path) in shown])

    @precondition(lambda self: self.spoken)
    @rule()
    def undo(self) -> None:
        deciding.undo(self.library)
        colour, before = self.spoken.pop()
        self.said[colour] = before

    @invariant()
    def decisions_hold(self) -> None:
        rows = listing.figures(self.library.catalog)
        for row in rows:
            colour = self.colour_of(row)
            assert row.person_name == self.said[colour].name, f"{colour} in {row.photo}"
        for colour, said in self.said.items():
            for picture in said.pictures:
                assert any(row.photo == str(picture.path) and self.colour_of(row) == colour for row in rows), (
                    f"{colour} was named in {picture.path.name} and is not there"
                )
        assert is_current(self.library)

    @invariant()
    def nothing_is_forgotten(self) -> None:
        entries = len(self.library.journal.entries())
        assert entries >= self.entries
        self.entries = entries

    @invariant()
    def ids_are_unique_in_a_photo(self) -> None:
        rows = listing.figures(self.library.catalog)
        assert len({(row.photo, row.figure_id) for row in rows}) == len(rows)

    def colour_of(self, row: listing.FigureRow) -> str:
        picture = next(picture for picture in self.pictures if str(picture.path) == row.photo)
        return min(picture.crowd, key=lambda colour: abs(picture.crowd[colour] - row.box[0]))


Promises.TestCase.settings = settings(max_examples=12, stateful_step_count=14, deadline=None)
TestPromises = Promises.TestCase
