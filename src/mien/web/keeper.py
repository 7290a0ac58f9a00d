"""Keeps the library up to date in the background, and parses what visitors bring."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mien.catalog.library import Library
from mien.errors import MienError
from mien.indexing.progress import Progress
from mien.indexing.stages import MakeChain, make_chain
from mien.indexing.summary import Summary


@dataclass(frozen=True)
class Status:
    """What the keeper does now.

    Attributes:
        state: "idle"; "running" (see `progress`); "elsewhere": another program indexes this library.
        progress: of the run under way.
        last: what the last complete run did, if there was one since the start.
        error: why the last run ended early, if it did.
    """

    state: Literal["idle", "running", "elsewhere"]
    progress: Progress | None = None
    last: Summary | None = None
    error: MienError | None = None


class Keeper:
    """One background thread that runs `mien.indexing.indexer.index`, and the worker processes it uses."""

    def __init__(
        self, library: Library, *, engine: str = "lite", jobs: int | None = None, make_chain: MakeChain = make_chain
    ) -> None:
        self.library, self.engine, self.jobs, self.make_chain = library, engine, jobs, make_chain

    @property
    def status(self) -> Status:
        return Status("idle")

    def ask(self, paths: Iterable[Path] | None = None) -> None:
        """Have these paths (default: all that the library knows) indexed soon; returns at once."""
        raise NotImplementedError

    def index_now(self, paths: Iterable[Path]) -> Summary:
        """Index these paths before anything else (a longer run is interrupted and then goes on), and wait for it."""
        raise NotImplementedError

    def submit(self, call: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Have a worker process do something with its networks, among the photos it works on."""
        raise NotImplementedError

    def close(self) -> None:
        """End soon, dropping what is in work; the next run goes on where this one was."""
