"""Work on this computer: processes of their own, each under a limit of time and memory."""

import contextlib
import ctypes
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

import psutil

from mien.errors import WorkerLost

SECONDS = 120.0
"""For one photo; a slow computer needs about a tenth of it for a large one."""

MEMORY = 2 << 30
"""Bytes of one worker's resident memory."""

START_SECONDS = 180.0

KILL_SECONDS = 2.0
"""That a process which was killed may take to be gone: one that waits for a disk takes its time."""

POLL = 0.1
"""Seconds between two looks at a worker; a task that ends is noticed at once."""

PER_WORKER = 700 << 20
"""Bytes that a worker usually needs, for the choice of how many to start."""

PER_LARGE_WORKER = 1800 << 20
"""The same for one that holds a large engine beside the quick one: M2FP alone needs 1300 MB."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
KEPT_BLOCK, KEPT = 32 << 20, 256 << 20
"""Bytes: the largest block that glibc can be made to keep, and how many in all."""

SINGLE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def default_jobs(per_worker: int = PER_WORKER) -> int:
    """One worker per physical core that this process may use, as far as the free memory goes."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    return max(1, min(cores, int(psutil.virtual_memory().available) // per_worker))


@dataclass(frozen=True)
class _Work:
    future: Future[Any]
    call: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class LocalExecutor(Executor):
    """Runs tasks in `jobs` spawned processes. What one task does to its process is no other task's concern.

    A task whose process dies, or is ended at its limit, fails with `WorkerLost`; a new process takes the next task.
    """

    def __init__(self, jobs: int, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._dropping = threading.Event()
        self._slots = [threading.Thread(target=self._serve, daemon=True) for _ in range(jobs)]
        for slot in self._slots:
            slot.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._closed.is_set():
            raise RuntimeError("submit after shutdown")
        work = _Work(Future(), fn, args, kwargs)
        self._queue.put(work)
        return work.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End once all work is done; with `cancel_futures` at once, dropping also what is running."""
        if not self._closed.is_set():
            self._closed.set()
            for _ in self._slots:
                self._queue.put(None)
        if cancel_futures:
            self._dropping.set()
        if wait:
            for slot in self._slots:
                slot.join()

    def _serve(self) -> None:
        """One slot: a process, renewed whenever it is lost, and the task it works on."""
        if hasattr(signal, "pthread_sigmask"):
            from multiprocessing import resource_tracker

            resource_tracker.ensure_running()  # were it started later, it would take the mask away again
            # Processes inherit this: both reach the whole group, also one that has not come to `_prepare` yet.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        worker: _Worker | None = None
        while (work := self._queue.get()) is not None:
            if self._dropping.is_set():
                work.future.cancel()
            if not work.future.set_running_or_notify_cancel():
                continue
            try:
                worker = worker or self._start()
                work.future.set_result(worker.run(work, self._seconds))
            except WorkerLost as error:
                worker = None
                work.future.set_exception(error)
            except BaseException as error:
                work.future.set_exception(error)
        if worker is not None:
            worker.end()

    def _start(self) -> "_Worker":
        """A new process; one that dies while it starts may have been ended from outside, and is started once more."""
        try:
            return _Worker(self._memory, self._dropping)
        except WorkerLost:
            if self._dropping.is_set():
                raise
            return _Worker(self._memory, self._dropping)


class _Worker:
    """One process. Every method raises `WorkerLost` once it is gone."""

    def __init__(self, memory: int, dropping: threading.Event) -> None:
        self._memory, self._dropping = memory, dropping
        self._pool = ProcessPoolExecutor(
            1, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(memory,)
        )
        self._process: psutil.Process | None = None
        try:
            self._process = psutil.Process(self._result(self._pool.submit(os.getpid), START_SECONDS))
        except (WorkerLost, psutil.NoSuchProcess) as error:
            raise WorkerLost("worker-start") from error

    def run(self, work: _Work, seconds: float) -> Any:
        try:
            future = self._pool.submit(work.call, *work.args, **work.kwargs)
        except BrokenExecutor as error:
            raise WorkerLost("worker-died", file="?") from error
        return self._result(future, seconds)

    def end(self) -> None:
        self._pool.shutdown()

    def _result(self, future: Future[Any], seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        while not wait([future], timeout=POLL).done:
            if self._dropping.is_set():
                raise self._kill(WorkerLost("worker-dropped"))
            if time.monotonic() > deadline:
                raise self._kill(WorkerLost("worker-slow", file="?", seconds=round(seconds)))
            if self._size() > self._memory:
                raise self._kill(WorkerLost("worker-memory", file="?", megabytes=self._memory >> 20))
        error = future.exception()
        if isinstance(error, BrokenExecutor):
            raise self._kill(WorkerLost("worker-died", file="?")) from error
        if isinstance(error, MemoryError):
            raise self._kill(WorkerLost("worker-memory", file="?", megabytes=self._memory >> 20)) from error
        if error is not None:
            raise error
        return future.result()

    def _size(self) -> int:
        try:
            return 0 if self._process is None else int(self._process.memory_info().rss)
        except psutil.Error:
            return 0  # it just ended, as the future is about to say

    def _kill(self, reason: WorkerLost) -> WorkerLost:
        """End the process, also one that is only starting; as a rule it is gone when this returns."""
        for process in list((self._pool._processes or {}).values()):  # Python 3.14 has a word for this
            with contextlib.suppress(ValueError):  # it is gone, and closed
                process.kill()
                connection.wait([process.sentinel], KILL_SECONDS)
        manager: Any = self._pool._executor_manager_thread  # a thread, whatever its annotation says
        self._pool.shutdown(wait=False, cancel_futures=True)
        if manager is not None:  # it gives semaphores back, which must not last until the program ends
            manager.join(KILL_SECONDS)
        return reason


def _prepare(memory: int) -> None:
    """Set up a worker's process."""
    for number in (signal.SIGINT, signal.SIGTERM):  # where they could not be blocked; the parent decides what they mean
        signal.signal(number, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # decoders written in C complain there, and the parent's own output is for other programs
        os.dup2(nowhere, stream)
    for name in SINGLE_THREAD:
        os.environ[name] = "1"
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _keep_freed_memory()
    try:
        import resource
    except ImportError:  # Windows
        return
    # A single huge allocation is refused before the parent could notice it; resident memory is what it watches.
    try:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        ceiling = 2 * memory if hard == resource.RLIM_INFINITY else min(2 * memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (ceiling, hard))
    except (OSError, ValueError):
        return  # not on this system


def _keep_freed_memory() -> None:
    """Have glibc keep what one photo frees for the next one. Else it hands large blocks back to the system, which
    clears them for every use again: a twentieth of a worker's time."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            libc = ctypes.CDLL(None)
            libc.mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK)
            libc.mallopt(M_TRIM_THRESHOLD, KEPT)


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its workers to end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
