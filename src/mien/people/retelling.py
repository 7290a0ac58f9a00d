"""Retelling: what holds after a journal's entries, again and again, without beginning at the first each time.

What holds follows from the decisions that were not taken back, in order. So a ledger that was made of some of them is
gone on from: a new decision costs that one decision, and an undo of the last one leads to a ledger that is known still.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mien.people.decisions import Decisions, decisions_of, hear, holding
from mien.people.ledger import Ledger
from mien.people.statements import Entry

KEPT = 6
"""Ledgers that are known still."""

BEFORE = 32
"""So many decisions before the last one there is another ledger to go on from, if any of those is taken back."""


@dataclass(frozen=True, eq=False)
class Told:
    """What holds after these decisions (ids).

    Attributes:
        ledger: others read it, too: add to a copy of it.
    """

    ids: tuple[str, ...]
    ledger: Ledger

    @cached_property
    def decisions(self) -> Decisions:
        """The same as a value."""
        return decisions_of(self.ledger)


class Retelling:
    """Of one journal; several threads may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: deque[Told] = deque(maxlen=KEPT)

    def after(self, entries: Iterable[Entry], heirs: Mapping[str, str]) -> Told:
        """What holds after all these entries; see `decisions.recount`."""
        held = holding(entries)
        ids = tuple(entry.id for entry in held)
        with self._lock:
            before = [told for told in self._known if told.ledger.heirs == heirs and told.ids == ids[: len(told.ids)]]
            told = max(before, key=lambda told: len(told.ids), default=Told((), Ledger(heirs)))
            if told in self._known:  # what is used stays
                self._known.remove(told)
                self._known.append(told)
            for end in sorted({max(len(told.ids), len(ids) - BEFORE), len(ids)}):
                if end > len(told.ids):
                    ledger = told.ledger.copy()
                    hear(ledger, held[len(told.ids) : end])
                    told = Told(ids[:end], ledger)
                    self._known.append(told)
            return told
