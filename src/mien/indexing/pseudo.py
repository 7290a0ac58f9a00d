"""File systems that hold no files: what a system tells of itself looks like folders, and leads into the whole disk."""

import contextlib
import os
from collections.abc import Set
from pathlib import Path

KINDS = frozenset(
    {
        "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devfs", "devpts", "devtmpfs", "efivarfs",
        "fdescfs", "fusectl", "hugetlbfs", "linprocfs", "linsysfs", "mqueue", "nsfs", "proc", "procfs", "pstore",
        "rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs",
    }
)  # fmt: skip
"""As mount tables call them."""

PROCESSES = frozenset({"linprocfs", "proc", "procfs"})
"""Those of them whose links lead out into what processes see."""


def volumes(kinds: Set[str] = KINDS) -> frozenset[int]:
    """The device numbers of those of these kinds that are mounted now."""
    import psutil

    if os.name != "posix":  # there are none, and asking might wake drives
        return frozenset()
    found = set()
    for mount in psutil.disk_partitions(all=True):
        if mount.fstype.lower() in kinds:
            with contextlib.suppress(OSError):
                found.add(Path(mount.mountpoint).stat().st_dev)
    return frozenset(found)


def is_pseudo(path: str) -> bool:
    """Whether the absolute `path` is in such a file system, or is reached through processes, as `/proc/self/root`."""
    processes = volumes(PROCESSES)
    return _volume(Path(path)) in volumes() or any(_volume(folder) in processes for folder in Path(path).parents)


def _volume(place: Path) -> int | None:
    try:
        return place.stat().st_dev
    except (OSError, ValueError):
        return None
