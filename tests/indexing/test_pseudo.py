"""What a system tells of itself is no photo: /proc and its like are passed over, and refused."""

import sys
from pathlib import Path

import pytest

from mien.catalog.library import Library
from mien.errors import LibraryError
from mien.indexing import pseudo, roots
from mien.indexing.scan import scan
from tests.indexing.conftest import Index

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems mount none")


@linux
@pytest.mark.parametrize(
    "path", ["/proc", "/proc/self", "/proc/self/root", "/proc/self/root/etc", "/sys", "/proc/version"]
)
def test_no_file_system_of_the_kernel_s_is_indexed(library: Library, run: Index, path: str) -> None:
    if not Path(path).exists():
        pytest.skip(f"no {path} here")
    with pytest.raises(LibraryError) as refused:
        run(Path(path))
    assert refused.value.code == "path-pseudo"
    assert path in str(refused.value)
    assert roots.known(library.folder) == ()


@linux
def test_links_into_one_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "processes").symlink_to("/proc")
    (tmp_path / "version.jpg").symlink_to("/proc/version")
    assert list(scan([str(tmp_path)]).files) == [str(tmp_path / "a.jpg")]
    assert scan(["/proc/self", "/proc/version"]).files == {}, "as roots from before"


def test_real_folders_are_real(tmp_path: Path) -> None:
    assert not pseudo.is_pseudo(str(tmp_path))
    assert not pseudo.is_pseudo(str(tmp_path / "nowhere"))
    assert not pseudo.is_pseudo(tmp_path.anchor)
