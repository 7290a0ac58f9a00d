"""The heart of a run: hand out files to an executor, store what comes back, in short transactions."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from mien.catalog import store
from mien.catalog.blobs import parse_name
from mien.catalog.library import Library
from mien.catalog.store import FileStat
from mien.errors import EngineLost, MienError, ModelError, UnreadablePhoto, WorkerLost
from mien.faces.embedder import Embedder
from mien.indexing import heritage, plan
from mien.indexing.attaching import Attaching
from mien.indexing.inbox import Inbox
from mien.indexing.progress import Meter, Report
from mien.indexing.scan import scan
from mien.indexing.stages import MakeChain, Recipe, Stage
from mien.indexing.work import Known, Outcome, Task, work

PASSING = frozenset({"photo-forbidden", "photo-unreachable", "photo-out-of-memory"})
"""Errors that lie in the moment, not in the file: such a file is tried again in every run."""

REPORT_EVERY = 0.2
"""Seconds."""

FIRST_GROUPING = 250
"""Files after which a long run shows people for the first time; then after twice as many, and so on."""

QUICKLY_GROUPED = 3000
"""Figures that are grouped in half a second: whoever brings a photo is told who is on it as grouping finds, and where
there are more, by those that are known (`attaching`)."""


@dataclass
class Dispatch:
    """Does the work of one run, in one pass or several.

    Attributes:
        room: how many files may be handed out at a time; more would only fill memory.
        recipe: who works on what a pass is for.
        arriving: who works on files that arrive meanwhile.
        goal: what a file that is read need not be more than.
        found: what the walk found, by path; files that arrive later are added.
        known: what the cache knew when the pass began.
        films: moving halves of Live Photos → their photos.
        group: shows the people found so far; called ever more rarely as the library grows.
        inbox: files that are to be read before all others.
        embedder: the user's own, by which faces are described beside the built-in one.
        arrived: how many of them the walk had not found.
    """

    library: Library
    executor: Executor
    room: int
    recipe: Recipe
    arriving: Recipe
    goal: plan.Goal
    make_chain: MakeChain
    found: dict[str, FileStat]
    known: plan.Library
    films: Mapping[str, str]
    report: Report
    meter: Meter
    group: Callable[[], None]
    inbox: Inbox
    embedder: Embedder | None = None
    arrived: int = 0
    _complete: dict[int, set[str]] = field(default_factory=dict)
    _arrived: set[str] = field(default_factory=set)
    _group_at: int = field(default_factory=lambda: FIRST_GROUPING)
    _fresh: dict[str, str] = field(default_factory=dict)  # path → photo, since people were grouped
    _lost: set[str] = field(default_factory=set)
    _waiting: deque[str] = field(default_factory=deque)
    _alone: deque[str] = field(default_factory=deque)
    _awaited: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._attaching = Attaching(self.library)

    def run(self, stages: Mapping[str, Stage], suspects: Iterable[str]) -> None:
        """Do `stages` (path → first stage) in their order; `suspects`, which a dead run left behind, last and alone.

        Raises what stops every file: `ModelError`, `EngineLost`, `WorkerLost` if no worker can be started,
        `BrokenExecutor`.
        """
        suspects, stages = set(suspects), dict(stages)
        self._complete, self._arrived = self.known.complete(self.goal), set()
        self._waiting = deque(path for path in stages if path not in suspects)
        self._alone = deque(path for path in stages if path in suspects)
        pending: dict[Future[Outcome], str] = {}
        finished: list[tuple[str, Outcome | WorkerLost]] = []
        reported, last = 0.0, None
        with self.library.catalog.write() as connection:
            store.drop_inflight(connection, suspects - stages.keys())
        try:
            while self._waiting or self._alone or pending or finished or self.inbox.expecting:
                stages |= self._take_in()
                next_up = self._next_up(len(pending))
                self._store(finished, next_up)
                finished = []
                for path in next_up:
                    pending[self.executor.submit(work, self._task(path, stages[path]))] = path
                if self._awaited and pending:
                    self._attaching.prepare()  # while the workers are busy
                self._tell(pending.values())
                watched: set[Future[Any]] = {*pending, self.inbox.arrival}
                patience = 0.5 if pending or self.inbox.expecting else 0
                for future in wait(watched, patience, FIRST_COMPLETED).done - {self.inbox.arrival}:
                    last = pending.pop(future)
                    finished.append((last, self._outcome(future, last)))
                if monotonic() - reported > REPORT_EVERY:
                    reported = monotonic()
                    self.report(self.meter.progress(last))
                if self.meter.done >= self._group_at:
                    self._group_at *= 2
                    self._fresh.clear()
                    self.group()
            self._attaching.attach({*self._fresh.values()})
            self.report(self.meter.progress(last))
        except KeyboardInterrupt:
            self._store(finished, ())
            raise
        except EngineLost:
            done = [future for future in pending if future.done() and not future.cancelled()]
            outcomes = [(pending[future], future.result()) for future in done if future.exception() is None]
            self._store([*finished, *outcomes], ())
            with self.library.catalog.write() as connection:
                store.drop_inflight(connection, [last] if last else [])  # nothing is wrong with it
            raise
        finally:
            for future in pending:
                future.cancel()
            with self.library.catalog.write() as connection:
                store.drop_inflight(connection, [*pending.values(), *self._alone])

    def _take_in(self) -> dict[str, Stage]:
        """Put what arrived in front of all that waits. Returns what is to be done with files that are new here."""
        stages: dict[str, Stage] = {}
        for path in reversed(self.inbox.take()):
            self._awaited.add(path)
            if path in self._waiting:
                self._waiting.remove(path)
                self._waiting.appendleft(path)
            elif path not in self.found and (stat := scan([path]).files.get(path)) is not None:
                self.found[path], stages[path] = stat, "read"
                self._waiting.appendleft(path)
                self._arrived.add(path)
                self.meter.found += 1
                self.arrived += 1
        return stages

    def _tell(self, pending: Iterable[str]) -> None:
        """Tell whoever brought files that they are stored; before that, show who is on their photos."""
        if told := self._awaited.difference(self._waiting, self._alone, pending):
            with self.library.catalog.read() as connection:
                (figures,) = connection.execute("SELECT count(*) FROM figures").fetchone()
            if figures <= QUICKLY_GROUPED:
                self.group()
            else:
                self._attaching.attach({self._fresh[path] for path in told & self._fresh.keys()})
            self._awaited -= told
            self.inbox.done(told)

    def _next_up(self, pending: int) -> list[str]:
        if waiting := self._waiting:
            return [waiting.popleft() for _ in range(min(len(waiting), self.room - pending))]
        return [self._alone.popleft()] if self._alone and not pending else []

    def _recipe(self, path: str) -> Recipe:
        return self.arriving if path in self._arrived else self.recipe

    def _task(self, path: str, stage: Stage) -> Task:
        recipe, file = self._recipe(path), self.known.files.get(path)
        wanted = recipe.makes.parse
        photo_id = file.photo_id if file else None
        if stage == "read":
            known = self._candidates(self.found[path].size, photo_id)
            return Task(path, self.make_chain, recipe.engine, known=known, wanted=wanted, embedder=self.embedder)
        parse = faces = None
        if stage in ("faces", "traits") and photo_id is not None:
            parse = self.library.blobs.read("parses", parse_name(photo_id, wanted))
        if stage in ("traits", "vectors") and photo_id is not None:
            with self.library.catalog.read() as connection:
                faces = store.faces(connection, photo_id)
        return Task(
            path, self.make_chain, recipe.engine, stage, photo_id, parse, faces, wanted=wanted, embedder=self.embedder
        )

    def _candidates(self, size: int, before: str | None) -> dict[str, Known]:
        """The photos that a file of this size may hold: those of equal files, and what it held before its change."""
        photo_ids = set(self._complete.get(size, ()))
        if before is not None and self.goal.is_met_by(self.known.photos[before]):
            photo_ids.add(before)
        if not photo_ids:
            return {}
        with self.library.catalog.read() as connection:
            return {photo_id: Known(*row) for photo_id, row in store.looks(connection, photo_ids)}

    def _outcome(self, future: Future[Outcome], path: str) -> Outcome | WorkerLost:
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, WorkerLost) and error.code != "worker-start":
            return WorkerLost(error.code, **{**error.values, "file": path})
        if isinstance(error, (ModelError, EngineLost, WorkerLost, BrokenExecutor)) or not isinstance(error, Exception):
            raise error
        reason = f"{type(error).__name__}: {error}"
        return Outcome("photo", error=MienError("photo-not-understood", file=path, reason=reason))

    def _store(self, finished: Sequence[tuple[str, Outcome | WorkerLost]], next_up: Sequence[str]) -> None:
        """One short transaction: what is finished, and what is in flight from now on."""
        if not finished and not next_up:
            return
        done: list[tuple[str, Outcome]] = []
        for path, result in finished:
            if not isinstance(result, WorkerLost):
                done.append((path, result))
            elif path in self._lost:
                done.append((path, Outcome("photo", error=result)))
            else:
                self._lost.add(path)
                self._alone.append(path)
        for _, outcome in done:
            self._write_blobs(path, outcome)
        self._keep_edits(done)
        with self.library.catalog.write() as connection:
            for path, outcome in done:
                self._put(connection, path, outcome)
            if done:
                store.bump(connection)
            store.drop_inflight(connection, [path for path, _ in done])
            store.take_inflight(connection, next_up)
        for path, outcome in done:
            self.meter.add(failed=outcome.error is not None)
            if outcome.photo is not None and outcome.error is None:
                self._complete.setdefault(self.found[path].size, set()).add(outcome.photo.photo_id)
                self._fresh[path] = outcome.photo.photo_id

    def _keep_edits(self, done: Sequence[tuple[str, Outcome]]) -> None:
        """Where somebody said something of a photo, and an edit is in its place now, that is not to be forgotten."""
        edits: dict[str, str] = {}
        for path, outcome in done:
            file = self.known.files.get(path)
            if outcome.photo is None or file is None or file.photo_id in (None, outcome.photo.photo_id):
                continue
            with self.library.catalog.read() as connection:
                looks = dict(store.looks(connection, [file.photo_id]))
            if file.photo_id in looks and heritage.is_edit(looks[file.photo_id][-1], outcome.photo.perceptual_hash):
                edits[file.photo_id] = outcome.photo.photo_id
        if edits:
            journal = self.library.journal
            said = heritage.spoken_of(journal.entries(), journal.heirs())
            if kept := {old: new for old, new in edits.items() if old in said}:
                journal.inherit(kept)

    def _write_blobs(self, path: str, outcome: Outcome) -> None:
        if (photo := outcome.photo) is None:
            return
        if photo.thumbnail is not None:
            self.library.blobs.write("thumbnails", photo.photo_id, photo.thumbnail)
        if photo.parse is not None:
            name = parse_name(photo.photo_id, self._recipe(path).makes.parse)
            self.library.blobs.write("parses", name, photo.parse)

    def _put(self, connection: sqlite3.Connection, path: str, outcome: Outcome) -> None:
        photo, error, stat, made = outcome.photo, outcome.error, self.found[path], self._recipe(path).makes
        if error is not None and error.code == "photo-missing":
            return  # it went after the walk; the next run will say where
        if photo is not None:
            store.put_photo(connection, photo, made.engine, made)
        if error is not None and photo is None:
            passing = error.code in PASSING
            by_decoder = isinstance(error, UnreadablePhoto)
            fingerprint = "" if passing else made.decoder if by_decoder else made.whole
            known = self.known.files.get(path)
            if known is not None and known.photo_id is not None and (passing or known.stat == stat):
                store.put_error(connection, path, error, fingerprint)
            else:
                store.put_file(connection, stat, "photo", fingerprint, error=error)
            return
        store.put_file(
            connection,
            stat,
            outcome.kind,
            made.read if error is None else made.whole,
            photo_id=None if photo is None else photo.photo_id,
            metadata=None if photo is None else photo.metadata,
            error=error,
            live_photo=self.films.get(path),
        )
