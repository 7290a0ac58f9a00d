"""Workers: whatever a task does to its process, only that task suffers."""

import ctypes
import gc
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import wait
from multiprocessing.synchronize import SemLock
from pathlib import Path

import numpy as np
import psutil
import pytest

from mien.errors import UnreadablePhoto, WorkerLost
from mien.indexing.local import LocalExecutor, default_jobs


def double(number: int) -> int:
    return 2 * number


def fail() -> None:
    raise UnreadablePhoto("photo-damaged", file="a.jpg", reason="torn")


def crash() -> None:
    os.abort()


def read_nowhere() -> None:
    ctypes.string_at(0)


def hang() -> None:
    time.sleep(600)


def hoard() -> None:
    kept = []
    while True:
        kept.append(np.ones(1 << 20))


def ask_too_much() -> None:
    np.ones(1 << 36)


def threads() -> str:
    return os.environ["OMP_NUM_THREADS"]


def test_results_and_errors_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")  # not theirs
    with LocalExecutor(2) as executor:
        assert list(executor.map(double, range(10))) == [2 * n for n in range(10)]
        assert executor.submit(threads).result() == "1"
        with pytest.raises(UnreadablePhoto, match="torn"):
            executor.submit(fail).result()
        assert executor.submit(double, 4).result() == 8
    with pytest.raises(RuntimeError):
        executor.submit(double, 1)


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (crash, "worker-died"),
        (read_nowhere, "worker-died"),
        (hang, "worker-slow"),
        (hoard, "worker-memory"),
        (ask_too_much, "worker-memory"),
    ],
)
def test_a_task_that_ruins_its_process_is_lost_alone(task: object, code: str) -> None:
    with LocalExecutor(1, seconds=2, memory=400 << 20) as executor:
        before = executor.submit(double, 1)
        bad = executor.submit(task)  # type: ignore[arg-type]
        after = executor.submit(double, 2)
        assert before.result() == 2
        with pytest.raises(WorkerLost) as lost:
            bad.result()
        assert lost.value.code == code
        assert after.result() == 4


def test_work_can_be_dropped_at_once() -> None:
    executor = LocalExecutor(1)
    pid = executor.submit(os.getpid).result()
    running, waiting = executor.submit(hang), executor.submit(double, 1)
    time.sleep(0.3)
    start = time.monotonic()
    executor.shutdown(cancel_futures=True)
    assert time.monotonic() - start < 5
    assert isinstance(running.exception(), WorkerLost)
    assert waiting.cancelled()
    assert not wait([running, waiting], timeout=0).not_done
    assert _gone(pid)


def test_dropped_work_leaves_nothing_to_give_back_later() -> None:
    """A thread that gives semaphores back while the program ends is stopped half-way; Python complains of that."""
    gc.collect()
    before = _semaphores()
    executor = LocalExecutor(1)
    executor.submit(os.getpid).result()
    executor.submit(hang)
    assert _semaphores() > before
    executor.shutdown(cancel_futures=True)
    assert _semaphores() == before


def _semaphores() -> int:
    return sum(isinstance(each, SemLock) for each in gc.get_objects())


def test_workers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import os, time\n"
        "from mien.indexing.local import LocalExecutor\n"
        "if __name__ == '__main__':\n"
        "    executor = LocalExecutor(1)\n"
        "    print(executor.submit(os.getpid).result(), flush=True)\n"
        "    executor.submit(time.sleep, 600)\n"
        "    time.sleep(600)\n"
    )
    (tmp_path / "parent.py").write_text(script)
    with subprocess.Popen([sys.executable, str(tmp_path / "parent.py")], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert _gone(pid)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C reaches Windows processes in another way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_is_for_the_parent_to_judge(number: int) -> None:
    with LocalExecutor(1) as executor:
        pid = executor.submit(os.getpid).result()
        os.kill(pid, number)
        assert executor.submit(os.getpid).result() == pid


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal masks")
def test_ctrl_c_is_blocked_from_the_first_worker_s_birth(tmp_path: Path) -> None:
    script = (
        "import signal\n"
        "from mien.indexing.local import LocalExecutor\n"
        "if __name__ == '__main__':\n"
        "    with LocalExecutor(1) as executor:\n"
        "        blocked = executor.submit(signal.pthread_sigmask, signal.SIG_BLOCK, []).result()\n"
        "    print(signal.SIGINT in blocked)\n"
    )
    (tmp_path / "parent.py").write_text(script)
    done = subprocess.run([sys.executable, str(tmp_path / "parent.py")], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_there_is_at_least_one_job() -> None:
    assert default_jobs() >= 1


def _gone(pid: int) -> bool:
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False
