"""The house keeps its order: data flows down the list of rooms, and modules keep to one subject."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "mien"
ROOMS = (
    "ground",
    "photo",
    "vision",
    "models",
    "parsing",
    "faces",
    "traits",
    "people",
    "search",
    "wardrobe",
    "growth",
    "sharing",
    "catalog",
    "indexing",
    "web",
    "demo",
    "cli",
)
MODULES = sorted(SOURCE.rglob("*.py"))


def room_of(module: str) -> str:
    """The room of a dotted module name; what lies beside the rooms is the ground they stand on."""
    parts = module.replace("__main__", "cli").split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "ground"


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name}: relative imports hide which room is meant"
            found.add(node.module)
    return {name for name in found if name.split(".")[0] == "mien"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_room_imports_only_rooms_above_it(path: Path) -> None:
    own = room_of(".".join(("mien", *path.relative_to(SOURCE).with_suffix("").parts)))
    for module in imports(path):
        assert ROOMS.index(room_of(module)) <= ROOMS.index(own), f"{own} must not import {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_has_one_subject(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text)), "a module says in its first line what it is about"


def test_every_room_is_on_the_list() -> None:
    rooms = {folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists()}
    assert rooms <= set(ROOMS)
