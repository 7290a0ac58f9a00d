"""Keep everything derived from the photos current: find what lacks what, have it done, store it, group people."""

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial
from pathlib import Path

from mien.catalog import store
from mien.catalog.derived import Fingerprints
from mien.catalog.library import Library
from mien.catalog.store import FileStat, KnownFile, State
from mien.errors import LibraryError, WorkerLost
from mien.indexing import columns, heritage, knowledge, presence, pseudo, roots, upkeep
from mien.indexing import plan as planning
from mien.indexing.dispatch import Dispatch
from mien.indexing.embedding import memory, usable
from mien.indexing.engine import choice, chosen, worker_memory
from mien.indexing.inbox import Inbox
from mien.indexing.local import LocalExecutor, default_jobs
from mien.indexing.progress import Meter, Progress, Report, silent
from mien.indexing.refining import refine
from mien.indexing.regroup import is_current, regroup
from mien.indexing.scan import Scan, scan
from mien.indexing.stages import MakeChain, make_chain
from mien.indexing.summary import Summary, holdings, no_pictures
from mien.indexing.work import fingerprints, pair

AHEAD = 2
"""Files handed out per worker: one in work, one waiting."""

STILLS_AND_FILMS = (".heic", ".heif", ".jpg", ".jpeg", ".mov", ".mp4")
"""What Live Photos are made of."""


def index(
    library: Library,
    paths: Iterable[Path | str] | None = None,
    *,
    engine: str | None = None,
    jobs: int | None = None,
    report: Report = silent,
    executor: Executor | None = None,
    make_chain: MakeChain = make_chain,
    inbox: Inbox | None = None,
) -> Summary:
    """Bring `library` up to date with the files and folders `paths`. Originals are only ever read.

    May be ended at any moment, also by force: the next run goes on where this one was. Ctrl-C (`KeyboardInterrupt`)
    keeps what is finished, drops what is in work and passes on.

    Args:
        paths: default: all that were indexed before, wherever the cache is, and the library's own uploads. Those
            belong to every folder that holds the library, too; the rest of the library belongs to none.
        engine: whose parses to make, or to make active where they are there; a name, or the address of a service,
            whose engine's they then are. The library goes by it from now on; default: by which it goes. If that takes
            long, photos that nobody has parsed are parsed by a quicker one before.
        jobs: worker processes; default: one per physical core, as far as memory goes.
        report: told how far the run is, several times a second.
        executor: where to work instead of in processes of this computer; not shut down here. `jobs` is then how many
            files it works on at a time.
        make_chain: loads an engine's networks in a worker; a function of a module.
        inbox: where further files may arrive, until the last one is read.

    Raises `LibraryError` for a path that does not exist (before anything is done, unless it was indexed before: then
    its photos are kept as offline, see `Summary.absent`), if none is given or known ("nothing-to-index"), and if
    another run is under way; `MienError` for an unknown engine; `EngineLost` if a service cannot be used, or not any
    more, which says nothing of any photo; `ModelError`; `WorkerLost` if no worker can be started.
    """
    started = time.monotonic()
    wanted = engine or chosen(library.folder)
    jobs = jobs or default_jobs(worker_memory(wanted) + memory(library.folder))
    with library.indexing(), contextlib.ExitStack() as stack:
        library.catalog.renew()
        asked = _asked(library, paths)
        absent = _absent(library, asked)
        there = [path for path in asked if path not in absent]
        roots.remember(library.folder, there)  # now: a bare run then goes on with them, should this one be killed
        if executor is None:
            executor = LocalExecutor(jobs)
            stack.callback(executor.shutdown, cancel_futures=True)
        report(Progress("scan"))
        load = partial(_load, executor, make_chain)
        loading = load(wanted)  # beside the walk
        walk = scan(there, lambda: report(Progress("scan")))
        embedder, away = usable(library.folder)
        known = knowledge.known(library)
        new = sum(path not in known.files for path in walk.files)
        for _ in range(min(jobs, new) - 1):
            load(wanted)  # they will be needed; whether they can start, their first photos will say
        crew = choice(library, engine, lambda name: _loaded(loading if name == wanted else load(name), load, name))
        known = knowledge.with_parses(library, known, crew.goal.wanted.engine)
        plan = planning.plan(walk.files, known, crew.goal)
        gone = _gone(library, walk, known, plan, asked)
        touched = [*plan.work, *gone, *plan.moved, *(stat.path for stat in plan.moved.values())]
        films = _pair(executor, walk.files, touched)
        deleted = [path for path, state in gone.items() if state == "missing"]
        roots.remember(library.folder, (), gone=[*deleted, *plan.moved, *_moved_away(library, known, plan)])
        suspects = upkeep.accept(library, plan, gone, films)
        first_pass = Meter(len(plan.work))

        def tell_of_grouping() -> None:
            report(replace(dispatch.meter.progress(), phase="group"))

        known = replace(known, files=_renamed(known.files, plan.moved))
        dispatch = Dispatch(
            library, executor, jobs * AHEAD, crew.first, crew.first, crew.goal, make_chain, walk.files, known,
            {film: still for film, still in films.items() if still is not None}, report, first_pass,
            lambda: regroup(library, watch=tell_of_grouping), inbox or Inbox(), embedder,
        )  # fmt: skip

        def settle() -> dict[str, State]:
            moved = upkeep.left_behind(library, walk.files, known, gone)
            upkeep.tidy(library)
            heritage.record(library)
            while not is_current(library):
                tell_of_grouping()
                regroup(library, watch=tell_of_grouping)
            columns.current(library, tell_of_grouping)  # so that the next question need not wait for it
            return moved

        dispatch.run(plan.work, suspects)
        gone |= settle()
        refined = 0
        if crew.better is not None and (refined := refine(dispatch, crew.better, jobs, suspects)):
            gone |= settle()
        report(replace(dispatch.meter.progress(), phase="done"))
    counts, errors = holdings(library, walk.files)
    states = list(gone.values())
    return Summary(
        files=len(walk.files),
        new=plan.new + dispatch.arrived,
        changed=plan.changed,
        unchanged=plan.unchanged,
        moved=len(plan.moved),
        missing=states.count("missing"),
        offline=states.count("offline"),
        absent=absent,
        closed=walk.closed,
        read=first_pass.done + (dispatch.meter.done if dispatch.meter is not first_pass else 0),
        errors=errors,
        seconds=time.monotonic() - started,
        refined=refined,
        lost=crew.lost or away,
        no_pictures=no_pictures(library, there),
        **counts,
    )


def _asked(library: Library, paths: Iterable[Path | str] | None) -> list[str]:
    """The absolute paths to look at. Raises `LibraryError` if there are none, or if one lies in the library itself."""
    folder, uploads = str(library.folder), str(library.uploads)
    if paths is None:
        asked = set(roots.known(library.folder))
    else:
        asked = {os.path.abspath(os.path.expanduser(path)) for path in paths}  # noqa: PTH100, PTH111
        for path in asked:
            check_place(library, path)
    if (paths is None or any(presence.within(folder, path) for path in asked)) and library.uploads.is_dir():
        asked.add(uploads)
    if paths is None and not asked:
        raise LibraryError("nothing-to-index", folder=library.folder)
    return sorted(asked, key=os.fsencode)


def check_place(library: Library, path: str) -> None:
    """Raise `LibraryError` if nothing at `path` is a photo: in the library, but for its uploads, and in no real file
    system."""
    if pseudo.is_pseudo(path):
        raise LibraryError("path-pseudo", path=path)
    real, folder, uploads = (os.path.realpath(place) for place in (path, library.folder, library.uploads))
    if presence.within(real, folder) and not presence.within(real, uploads):
        raise LibraryError("path-in-library", path=path)


def _absent(library: Library, asked: Iterable[str]) -> tuple[str, ...]:
    """Those paths that are not there now but were once. Raises `LibraryError` for one that never was."""
    absent = tuple(path for path in asked if not os.path.exists(path))  # noqa: PTH110
    if absent:
        with library.catalog.read() as connection:
            known = [*roots.known(library.folder), *store.known_files(connection)]
        for path in absent:
            if not any(presence.within(other, path) for other in known):
                raise LibraryError("path-not-found", path=path)
    return absent


def _load(executor: Executor, make_chain: MakeChain, engine: str) -> Future[Fingerprints]:
    return executor.submit(fingerprints, make_chain, engine)


def _loaded(loading: Future[Fingerprints], again: Callable[[str], Future[Fingerprints]], engine: str) -> Fingerprints:
    """What a worker said once it had loaded everything; one that was lost meanwhile is given a second chance."""
    try:
        return loading.result()
    except WorkerLost:
        try:
            return again(engine).result()
        except WorkerLost as error:
            raise WorkerLost("worker-start") from error


def _moved_away(library: Library, known: planning.Library, plan: planning.Plan) -> list[str]:
    """Folders asked for that are not there any more because all that was known in them is elsewhere now."""
    left = [path for path, file in known.files.items() if path not in plan.moved and file.state != "missing"]
    return [
        root
        for root in roots.known(library.folder)
        if not os.path.lexists(root)
        and any(presence.within(path, root) for path in plan.moved)
        and not any(presence.within(path, root) for path in left)
    ]


def _gone(
    library: Library, walk: Scan, known: planning.Library, plan: planning.Plan, asked: Sequence[str]
) -> dict[str, State]:
    """What became of the files that were under the paths and were not found."""
    under = presence.Places(asked)
    expected = [
        file
        for path, file in known.files.items()
        if path not in walk.files and path not in plan.moved and file.state != "missing" and path in under
    ]
    return presence.judge(expected, known.files, walk.files, [*roots.known(library.folder), *asked], walk.closed)


def _pair(executor: Executor, found: Mapping[str, FileStat], touched: Iterable[str]) -> dict[str, str | None]:
    """Of which photo each film near the `touched` files is the moving half, if of any: Live Photos are one photo."""
    stems = {os.path.splitext(path)[0].lower() for path in touched if path.lower().endswith(STILLS_AND_FILMS)}  # noqa: PTH122
    if not stems:
        return {}
    groups: dict[str, list[str]] = {}
    for path in found:
        stem, suffix = os.path.splitext(path.lower())  # noqa: PTH122
        if stem in stems and suffix in STILLS_AND_FILMS:
            groups.setdefault(stem, []).append(path)
    films = {path: None for group in groups.values() for path in group if path.lower().endswith((".mov", ".mp4"))}
    mixed = [group for group in groups.values() if len(group) > 1 and any(path in films for path in group)]
    chunks = (itertools.chain(*mixed[start : start + 64]) for start in range(0, len(mixed), 64))
    asking = [executor.submit(pair, list(chunk)) for chunk in chunks]
    pairs: dict[str, str | None] = dict(films)
    for answer in asking:
        with contextlib.suppress(WorkerLost):  # a film that crashes its reader is a video like any other
            pairs |= answer.result()
    return pairs


def _renamed(files: Mapping[str, KnownFile], moved: Mapping[str, FileStat]) -> dict[str, KnownFile]:
    """What the cache knows, after files have moved."""
    renamed = {path: file for path, file in files.items() if path not in moved}
    return renamed | {stat.path: replace(files[old], stat=stat) for old, stat in moved.items()}
