"""The peak of a process's memory."""

import sys
from pathlib import Path

import psutil


def peak_bytes() -> int:
    """The most memory that this process ever had; not what the one that started it had, as Linux's `getrusage` says."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
