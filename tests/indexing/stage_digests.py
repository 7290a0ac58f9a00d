"""Whether a stage's code changed: what it made of the photos is then perhaps to be made again.

`stage_digests.toml` holds a digest of each stage's sources, comments, docstrings and layout aside. Renew it with

    python -m tests.indexing.stage_digests
"""

import ast
import functools
import hashlib
import tomllib
from pathlib import Path

SOURCE = Path(__file__).parent.parent.parent / "src" / "mien"
FILE = Path(__file__).with_suffix(".toml")

FIRST_LOOK = ("finding", "candidates", "verification", "seeds", "bodies", "repairs")
"""What M2FP's engine takes from the lite engine."""

STAGES = {
    "read": ("READ_VERSION in indexing/stages.py", ["photo"]),
    "parse": ("VERSION in parsing/lite/engine.py", ["vision", "parsing/lite", "parsing/enlarge.py"]),
    "m2fp": (
        "VERSION in parsing/m2fp/engine.py",
        ["vision", "parsing/m2fp/*.py", *(f"parsing/lite/{module}.py" for module in FIRST_LOOK), "parsing/enlarge.py"],
    ),
    "faces": ("VERSION in faces/finder.py", ["vision", "faces"]),
    "traits": ("VERSION in traits/describe.py", ["traits", "indexing/stages.py", "people/anchors.py"]),
    "people": ("VERSION in indexing/regroup.py", ["people"]),
}
"""Which version a stage has, and where its sources are."""

ELSEWHERE = {
    *("thumbnail.py", "live.py", "wording.py", "naming.py", "scores.py"),
    *("rdf.py", "orientation.py", "extended_xmp.py", "sidecars.py", "face_regions.py", "region_writing.py"),
    "picasa.py",
    *(
        "looks.py",
        "resemblance.py",
        "spreading.py",
        "questions.py",
        "reasons.py",
        "reflections.py",
    ),  # they ask, and make no people
}
"""They say nothing of what a photo shows."""


@functools.cache
def digests() -> dict[str, str]:
    """Stage → the digest of its sources as they are."""
    return {stage: digest(sorted(f for p in places for f in _files(p))) for stage, (_, places) in STAGES.items()}


def recorded() -> dict[str, str]:
    """Stage → the digest in `stage_digests.toml`."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def digest(files: list[Path]) -> str:
    """Of what these files do, whatever they are called."""
    return hashlib.sha256(repr([what_runs(f.read_text(encoding="utf-8")) for f in files]).encode()).hexdigest()[:16]


def what_runs(source: str) -> object:
    """A program without comments, docstrings and layout; the same in every version of Python."""
    return _reduced(ast.parse(source))


def _reduced(node: object) -> object:
    if isinstance(node, list):
        return [_reduced(item) for item in node if not _is_bare_string(item)]
    if not isinstance(node, ast.AST):
        return repr(node)
    # Newer versions of Python add fields; they are empty in programs that older ones understand.
    fields = [(name, _reduced(value)) for name, value in ast.iter_fields(node) if value not in (None, [])]
    return [type(node).__name__, *fields]


def _is_bare_string(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _files(place: str) -> list[Path]:
    if "*" in place:
        return list(SOURCE.glob(place))
    path = SOURCE / place
    return [f for f in path.rglob("*.py") if f.name not in ELSEWHERE] if path.is_dir() else [path]


if __name__ == "__main__":
    FILE.write_text("".join(f'{stage} = "{found}"\n' for stage, found in digests().items()), encoding="utf-8")
