"""The second pass of a run: photos that a quicker engine has parsed are parsed again by the better one."""

import itertools
from collections.abc import Set

from mien.catalog import interest
from mien.indexing import plan
from mien.indexing.dispatch import Dispatch
from mien.indexing.knowledge import known, with_parses
from mien.indexing.progress import Meter
from mien.indexing.stages import Recipe, Stage

BATCH = 100
"""Files after which it is asked again which photos matter most: somebody may be naming people meanwhile."""


def refine(dispatch: Dispatch, better: Recipe, room: int, suspects: Set[str]) -> int:
    """Parse again with `better` whatever `dispatch` found that it has not parsed, who arrives meanwhile included.

    A photo that it fails at keeps the figures it has, and the reason.

    Args:
        room: how many files are handed out at a time. More than there are workers would let who arrives wait.
        suspects: files that a dead run left behind; their turn comes last.

    Returns how many files it was tried on.
    """
    tried: set[str] = set()
    dispatch.recipe, dispatch.room, dispatch.meter = better, room, Meter(0, phase="refine")
    while todo := _todo(dispatch, better, suspects, tried):
        dispatch.meter.found = dispatch.meter.done + len(todo)
        batch = dict(itertools.islice(todo.items(), BATCH))
        dispatch.run(batch, suspects & batch.keys())
        tried |= batch.keys()
    return len(tried)


def _todo(dispatch: Dispatch, better: Recipe, suspects: Set[str], tried: Set[str]) -> dict[str, Stage]:
    """Path → first stage: photos of named people first, then the newest."""
    library = dispatch.library
    dispatch.known = with_parses(library, known(library), better.makes.engine)
    work = plan.plan(dispatch.found, dispatch.known, plan.Goal(better.makes)).work
    with library.catalog.read() as connection:
        ranks = {photo_id: rank for rank, photo_id in enumerate(interest.by_interest(connection))}
    files = dispatch.known.files

    def turn(path: str) -> tuple[bool, int]:
        photo_id = files[path].photo_id if path in files else None
        return path in suspects, ranks.get(photo_id or "", len(ranks))

    return {path: work[path] for path in sorted(work.keys() - tried, key=turn)}
