"""The worker processes that index runs and visitors share: started when first needed, ended when long idle."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from mien.errors import MienError, WorkerLost
from mien.indexing.local import SECONDS, LocalExecutor

IDLE = 300.0
"""Seconds after which processes with nothing to do are ended, and the memory of their networks is free again."""

QUEUE = 8
"""Visitors' tasks that may wait at a time, with all they hold in memory; who comes then is told to come again."""


Submit = Callable[..., Future[Any]]
"""Has a worker call a function of a module with the arguments that follow."""


class Workers:
    """Up to `jobs` processes, with so many `seconds` for a task. Raises `MienError` ("closing") once closed."""

    def __init__(self, jobs: int, seconds: float = SECONDS) -> None:
        self.jobs, self.seconds = jobs, seconds
        self._lock = threading.Lock()
        self._executor: LocalExecutor | None = None
        self._users = self._visitors = 0
        self._rest: threading.Timer | None = None
        self._closed = False

    @contextmanager
    def lent(self) -> Iterator[Executor]:
        """The executor, for many tasks."""
        with self._lock:
            executor = self._take()
        try:
            yield executor
        finally:
            self._give_back()

    @contextmanager
    def admitted(self) -> Iterator[Submit]:
        """A place for one task of a visitor's, from before what it works on is in memory until the task is done.

        Raises `MienError` ("too-busy") if too many are there already.
        """
        with self._lock:
            if self._visitors >= self.jobs + QUEUE:
                raise MienError("too-busy")
            self._visitors += 1
        is_submitted = False

        def submit(call: Callable[..., Any], /, *args: Any) -> Future[Any]:
            nonlocal is_submitted
            with self._lock:
                work = self._take().submit(call, *args)
            is_submitted = True
            answer: Future[Any] = Future()
            answer.set_running_or_notify_cancel()  # a visitor who left stops nothing
            work.add_done_callback(lambda work: self._serve(work, answer))
            return answer

        try:
            yield submit
        finally:
            if not is_submitted:
                with self._lock:
                    self._visitors -= 1

    def close(self) -> None:
        """End at once, dropping what is in work."""
        with self._lock:
            self._closed = True
            executor, self._executor = self._executor, None
            if self._rest is not None:
                self._rest.cancel()
        if executor is not None:
            executor.shutdown(cancel_futures=True)

    def _take(self) -> LocalExecutor:
        if self._closed:
            raise MienError("closing")
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._executor is None:
            self._executor = LocalExecutor(self.jobs, seconds=self.seconds)
        self._users += 1
        return self._executor

    def _serve(self, work: Future[Any], answer: Future[Any]) -> None:
        with self._lock:
            self._visitors -= 1
        self._give_back()
        error = MienError("closing") if work.cancelled() else work.exception()
        if isinstance(error, WorkerLost) and error.code == "worker-dropped":
            error = MienError("closing")
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(work.result())

    def _give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and not self._closed:
                self._rest = threading.Timer(IDLE, self._end_idle)
                self._rest.daemon = True
                self._rest.start()

    def _end_idle(self) -> None:
        with self._lock:
            if self._users or self._executor is None:
                return
            executor, self._executor = self._executor, None
        executor.shutdown(wait=False)
