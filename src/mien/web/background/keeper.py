"""Keeps the library up to date in the background, and has visitors' photos worked on."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mien.catalog.library import Library
from mien.errors import EngineLost, LibraryError, MienError
from mien.indexing import roots
from mien.indexing.engine import chosen, worker_memory
from mien.indexing.inbox import Inbox
from mien.indexing.indexer import index
from mien.indexing.local import default_jobs
from mien.indexing.progress import Progress
from mien.indexing.stages import MakeChain, make_chain
from mien.indexing.summary import Summary
from mien.parsing.remote.address import is_address
from mien.web.background.awaiting import Awaiting
from mien.web.background.workers import Submit, Workers

RETRY = 3.0
"""Seconds between two looks whether another program's index run has ended."""

GRACE = 1.5
"""Seconds that a run may take to stop by itself; then its workers are ended under it."""

LAST_GRACE = 3.0
"""Seconds more, for a run that is neither reading nor grouping: then it is left to end with the process."""

Asked = tuple[Path, ...] | None
"""Absolute paths to index; None: all that the library knows; (): nothing but what arrives."""


@dataclass(frozen=True)
class Status:
    """What the keeper does now.

    Attributes:
        state: "idle"; "running" (see `progress`); "elsewhere": another program indexes this library, and what was
            asked for here is done after that.
        progress: of the run under way.
        last: what the last complete run did, if there was one since the start or since a run was stopped.
        error: why the last run ended early, or had to do without the engine that was chosen, if it did.
        again: seconds until an engine on another machine, which was lost, is asked for again; 0 while it is.
    """

    state: Literal["idle", "running", "elsewhere"] = "idle"
    progress: Progress | None = None
    last: Summary | None = None
    error: MienError | None = None
    again: float | None = None


class _Stopped(KeyboardInterrupt):
    """Ends a run as Ctrl-C does: what is finished is kept."""


class _Postponed(KeyboardInterrupt):
    """Ends a run for a better one: it only parses photos again, and new ones wait; or it does without an engine that is
    back. It goes on after that."""


class Keeper:
    """One background thread that runs `mien.indexing.indexer.index`, and the worker processes it uses.

    Requests are done one after the other; what is only to be parsed again, by a better engine, comes after all of them.
    Photos that visitors bring are read in between, in the run under way. An engine on another machine that is lost is
    waited for; what it was to do goes on once it is back. `engine` as for `index`.
    """

    def __init__(
        self,
        library: Library,
        *,
        engine: str | None = None,
        jobs: int | None = None,
        make_chain: MakeChain = make_chain,
    ) -> None:
        self.library, self.engine, self.make_chain = library, engine, make_chain
        self._workers = Workers(jobs or default_jobs(worker_memory(engine or chosen(library.folder))))
        self._inbox = Inbox()
        self._awaiting = Awaiting(self._engine_is_back)
        self._has_come_back = False
        self._asked: deque[Asked] = deque()
        self._status = Status()
        self._change = threading.Condition()
        self._closing = self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> Status:
        """Whoever asks for something sees at once that it is not idle any more."""
        now, again = self._status, self._awaiting.seconds
        if now.state == "idle" and (self._asked or self._inbox.waiting):
            return Status("running", Progress("scan"), now.last, again=again)
        return replace(now, again=again)

    def ask(self, paths: Iterable[Path] | None = None) -> None:
        """Have these paths (default: all that the library knows) indexed soon; returns at once.

        Why that was not possible is told by `status`. Raises `LibraryError` if that cannot be remembered.
        """
        asked = None if paths is None else tuple(sorted({path.expanduser().absolute() for path in paths}))
        self._check_open()
        if asked:  # now: should we end before its turn comes, the next start goes on with it
            roots.remember(self.library.folder, [str(path) for path in asked if path.exists()])
        with self._change:
            self._check_open()
            if asked not in self._asked:
                self._asked.append(asked)
            self._wake()

    def bring(self, photo: Path) -> Future[None]:
        """Have a file read before all else.

        The result is there once the catalog holds what is in the file, errors included; in small libraries people are
        grouped by then. It is an error if that cannot be soon: `LibraryError` ("index-running") if another program
        indexes this library; then the photo's turn comes after that, as it does in any run over its folder.
        """
        with self._change:
            self._check_open()
            future = self._inbox.bring(str(photo))
            self._wake()
            return future

    def submit(self, call: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Have a worker process call a function of a module, among the photos it works on.

        The result may be `WorkerLost`. Raises `MienError` ("too-busy") if too many wait already.
        """
        with self.admitted() as submit:
            return submit(call, *args)

    def admitted(self) -> AbstractContextManager[Submit]:
        """Gives what submits one task, whose place in the queue is taken before what it works on is read.

        Raises `MienError` ("too-busy") if too many wait already.
        """
        return self._workers.admitted()

    def stop(self) -> None:
        """End the run under way soon, and drop what waits. What was finished is kept, and people are grouped.

        Folders that were asked for are still known to the library, for the next run over all that is.
        """
        self._awaiting.end()
        with self._change:
            self._stopping = self._status.state != "idle"
            self._asked.clear()
            self._change.notify()

    def close(self) -> None:
        """End within seconds, dropping what is in work; the next run goes on where this one was."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._awaiting.end()
        if self._thread is not None:
            self._thread.join(GRACE)
        self._workers.close()  # a run that waits for a worker ends now
        if self._thread is not None:
            self._thread.join(LAST_GRACE)
        self._inbox.fail(MienError("closing"))

    def _check_open(self) -> None:
        if self._closing:
            raise MienError("closing")

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
            self._thread.start()
        self._change.notify()

    def _keep(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closing or self._asked or self._inbox.waiting)
                if self._closing:
                    return
                if self._status.state == "idle":
                    self._status = Status("running", Progress("scan"), self._status.last)
                asked = self._asked.popleft() if self._asked else ()
            is_over = self._run(asked)
            with self._change:
                if not is_over and not self._stopping:
                    self._asked.appendleft(asked)
                    if not self._closing:
                        self._change.wait(RETRY)  # or until somebody asks for more, who is told at once
                if self._stopping:
                    self._stopping = False
                    self._status = Status()
                    if is_over and asked != ():
                        self._asked.append(())  # it reads nothing, but groups who was found

    def _run(self, asked: Asked) -> bool:
        """Index; False if that is to be tried again."""
        last, self._has_come_back = self._status.last, False
        try:
            with self._workers.lent() as executor:
                summary = index(
                    self.library, asked, engine=self.engine, jobs=self._workers.jobs, report=self._follow,
                    executor=executor, make_chain=self.make_chain, inbox=self._inbox,
                )  # fmt: skip
        except _Postponed:
            self._ask_again()
        except _Stopped:
            self._inbox.fail(MienError("closing" if self._closing else "worker-dropped"))
        except LibraryError as error:
            if error.code == "index-running":
                self._status = Status("elsewhere", last=last)
                self._inbox.fail(error, keep=True)
                return False
            self._end(error)
        except EngineLost as error:
            if self._awaiting.seconds is None:  # else it was lost just now, too
                self._ask_again()  # which does without it what can be done without
            self._await_engine()
            self._end(error)
        except MienError as error:
            self._end(error)
        except Exception as error:
            self._end(MienError("index-failed", reason=f"{type(error).__name__}: {error}"))
        else:
            self._status = Status(last=last if asked == () and not summary.files else summary, error=summary.lost)
            if summary.lost is None:
                self._awaiting.end()
            else:
                self._await_engine()
        return True

    def _await_engine(self) -> None:
        """Wait for the engine, if it is one that may come back by itself."""
        with self._change, suppress(LibraryError):
            engine = self.engine or chosen(self.library.folder)
            if is_address(engine) and not self._closing:
                self._awaiting.begin(engine)

    def _engine_is_back(self) -> None:
        self._has_come_back = True
        self._ask_again()

    def _ask_again(self) -> None:
        """For all that the library knows."""
        with self._change:
            if None not in self._asked and not self._closing:
                self._asked.append(None)
                self._change.notify()

    def _follow(self, progress: Progress) -> None:
        if self._closing or self._stopping:
            raise _Stopped
        is_due = self._asked if progress.phase == "refine" else self._has_come_back and progress.phase == "read"
        if is_due and not self._inbox.busy:
            raise _Postponed
        self._status = replace(self._status, state="running", progress=progress)

    def _end(self, error: MienError) -> None:
        if self._closing:  # under it, whatever it then failed at
            error = MienError("closing")
        self._inbox.fail(error)
        nothing = error.code == "nothing-to-index"  # a new library is no failure
        self._status = Status(last=self._status.last, error=None if nothing else error)
