"""What a run has to do: the walk's files against what the cache knows. Pure functions; nothing is opened."""

import os
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass

from mien.catalog.derived import Fingerprints
from mien.catalog.store import FileStat, KnownFile, KnownPhoto
from mien.indexing.stages import Stage, next_for_now, next_stage


@dataclass(frozen=True)
class Goal:
    """What a pass over the photos is for.

    Attributes:
        wanted: by what everything is to be made.
        first: if it is enough for now that any engine has parsed a photo: by what those are made that none has.
    """

    wanted: Fingerprints
    first: Fingerprints | None = None

    def is_met_by(self, photo: KnownPhoto) -> bool:
        """Whether a file that turns out to hold this photo need not be looked at any further."""
        return photo.traits == self.wanted.traits if self.first is None else photo.traits is not None


@dataclass(frozen=True)
class Library:
    """What the cache knows.

    Attributes:
        files: by path.
        photos: by id.
        parses: the wanted engine's stored parses whose blobs are there: photo id → fingerprint.
        thumbnails: the photos whose thumbnails are there.
        undescribed: the photos with faces that the user's own embedder, if there is one, has not described.
    """

    files: Mapping[str, KnownFile]
    photos: Mapping[str, KnownPhoto]
    parses: Mapping[str, str]
    thumbnails: Set[str]
    undescribed: Set[str] = frozenset()

    def lacks(self, file: KnownFile, goal: Goal) -> Stage | None:
        """The first stage that this unchanged file lacks; None if it lacks nothing."""
        photo_id, wanted = file.photo_id or "", goal.wanted
        stage: Stage | None
        if goal.first is not None:
            stage = next_for_now(file, self.photos.get(photo_id), goal.first, wanted)
        else:
            stage = next_stage(file, self.photos.get(photo_id), wanted.engine, self.parses.get(photo_id), wanted)
        if stage is not None or file.photo_id is None or file.failed:
            return stage
        if goal.first is None and photo_id not in self.thumbnails:
            return "traits"  # the cheapest one that decodes the photo
        return "vectors" if photo_id in self.undescribed else None

    def complete(self, goal: Goal) -> dict[int, set[str]]:
        """The photos that lack nothing, by the sizes of their files: what a file new here may turn out to be."""
        by_size: dict[int, set[str]] = defaultdict(set)
        for file in self.files.values():
            if file.photo_id is not None and not file.failed and self.lacks(file, goal) is None:
                by_size[file.stat.size].add(file.photo_id)
        return by_size


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        work: path → the first stage to do, in the order of the paths.
        moved: old path → what is there now under a new name.
        confirmed: known files that are there unopened, but were missing or offline, or lie on a renumbered volume.
        new, changed, unchanged: how many files.
    """

    work: dict[str, Stage]
    moved: dict[str, FileStat]
    confirmed: tuple[FileStat, ...]
    new: int
    changed: int
    unchanged: int


def plan(found: Mapping[str, FileStat], known: Library, goal: Goal) -> Plan:
    """Compare. Size and time of change tell a changed file; inode, size and time together tell a moved one."""
    by_inode: dict[tuple[str, str, int, int], list[KnownFile]] = defaultdict(list)
    for other in known.files.values():
        if other.stat.path not in found and other.stat.inode != "0":  # some network drives number nothing
            by_inode[_identity(other.stat)].append(other)
    work: dict[str, Stage] = {}
    moved: dict[str, FileStat] = {}
    confirmed: list[FileStat] = []
    planned: set[str | None] = set()  # one file of a photo is enough for all that follows reading
    new = changed = unchanged = 0
    for path, stat in found.items():
        file = known.files.get(path)
        if file is None:
            old = next((other for other in by_inode.get(_identity(stat), ()) if _moves(other, moved)), None)
            if old is None:
                new += 1
                work[path] = "read"
                continue
            file = old
            moved[old.stat.path] = stat
            if old.failed or (old.kind == "photo" and old.taken_source in (None, "filename")):
                work[path] = "read"  # for what its name tells; the photo itself will be recognised
                continue
        elif (file.stat.size, file.stat.mtime_ns) != (stat.size, stat.mtime_ns):
            changed += 1
            work[path] = "read"
            continue
        else:
            unchanged += 1
            if file.stat != stat or file.state != "present":
                confirmed.append(stat)
        stage = known.lacks(file, goal)
        if stage is not None and (stage == "read" or file.photo_id not in planned):
            work[path] = stage
            planned.add(file.photo_id)
    return Plan(work, moved, tuple(confirmed), new, changed, unchanged)


def _identity(stat: FileStat) -> tuple[str, str, int, int]:
    return stat.volume, stat.inode, stat.size, stat.mtime_ns


def _moves(old: KnownFile, moved: Mapping[str, FileStat]) -> bool:
    """Whether a file that seems to be `old` is it. If the old name is still there, the new one is a hard link."""
    return old.stat.path not in moved and not os.path.lexists(old.stat.path)
