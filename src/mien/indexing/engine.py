"""Which engine a library goes by, and who therefore parses in a run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mien import durably
from mien.catalog.derived import Fingerprints
from mien.catalog.library import Library, unusable
from mien.errors import EngineLost, MienError, ModelError
from mien.indexing.local import PER_LARGE_WORKER, PER_WORKER
from mien.indexing.plan import Goal
from mien.indexing.stages import Recipe
from mien.language import Language, text

FILE = "engine.json"

BUILT_IN = "lite"
"""The engine of a library for which none was chosen. It needs nothing that is not shipped."""


class EngineAway(MienError):
    """The engine that a library goes by cannot be used now.

    Attributes:
        why: in any language.
    """

    why: MienError | None = None

    def message(self, language: Language | None = None) -> str:
        reason = self.values["reason"] if self.why is None else self.why.message(language)
        return text(f"error.{self.code}", language=language, **{**self.values, "reason": reason})


@dataclass(frozen=True)
class Choice:
    """Who parses in a run.

    Attributes:
        first: who parses the photos that nobody has parsed.
        better: who parses all photos after that, if that is somebody else.
        lost: why the engine that the library goes by cannot be used now; photos that any engine has parsed then stay
            as they are.
    """

    first: Recipe
    better: Recipe | None = None
    lost: MienError | None = None

    @property
    def goal(self) -> Goal:
        """Of the first pass."""
        if self.better is None and self.lost is None:
            return Goal(self.first.makes)
        return Goal((self.better or self.first).makes, self.first.makes)


def chosen(folder: Path) -> str:
    """The engine that the library in `folder` goes by: a name, or the address of a service.

    A file that cannot be understood names none, as in a new library.
    """
    try:
        said = durably.read(folder / FILE)
    except OSError as error:
        raise unusable(folder, error) from error
    engine = said.get("engine") if isinstance(said, dict) else None
    return engine if isinstance(engine, str) and engine else BUILT_IN


def worker_memory(engine: str) -> int:
    """Bytes that a worker usually needs where the library goes by this engine."""
    if engine == BUILT_IN:
        return PER_WORKER
    from mien.parsing.engines import first_of

    return PER_WORKER if first_of(engine) is None else PER_LARGE_WORKER


def choose(folder: Path, engine: str) -> None:
    """Have the library in `folder` go by `engine` from now on."""
    if chosen(folder) != engine:
        try:
            durably.write(folder / FILE, {"engine": engine})
        except OSError as error:
            raise unusable(folder, error) from error


def choice(library: Library, asked: str | None, load: Callable[[str], Fingerprints]) -> Choice:
    """Who parses in a run for which the user asked for the engine `asked`, if for any.

    What was asked for and can be used is remembered; if it cannot, that is an error. But an engine that the library
    merely goes by may be away: then new photos are parsed by the one that is built in.

    Args:
        load: says what the engine of a name makes, once its networks are there. What it raises for `asked` is raised.
    """
    engine = asked or chosen(library.folder)
    try:
        wanted = Recipe(engine, load(engine))
    except (ModelError, EngineLost) as error:
        if asked is not None or engine == BUILT_IN:
            raise
        away = EngineAway("engine-away", engine=engine, reason=error)
        away.why = error
        return Choice(Recipe(BUILT_IN, load(BUILT_IN)), lost=away)
    if asked is not None:
        choose(library.folder, asked)
    first = wanted.makes.first
    return Choice(wanted) if first is None else Choice(Recipe(first, load(first)), wanted)
