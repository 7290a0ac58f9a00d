"""What was said of garments: which are one, which are two, what they are called, whether they are still worn.

A garment is known by where it was seen: a place in a photo (see `anchors`) and where on the body there. It is one
garment whoever wears it; everything is said of all that it was said to be one with.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mien.people.anchors import Anchor
from mien.people.statements import Entry, Statement

Spot = tuple[Anchor, str]
"""Where a garment was seen: a figure's place, and one of `traits.Place`."""

Node = tuple[int, str]
"""The same with the number of the place in the ledger."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class DecidedGarment:
    """A garment of which a human said something.

    Attributes:
        spots: where it was seen, as a human said.
        name: what it is called.
        is_retired: not worn any more.
        is_theirs: False if whoever is seen in it only seems to wear it, or it is not their own.
    """

    spots: frozenset[Spot]
    name: str | None = None
    is_retired: bool = False
    is_theirs: bool = True


class Garments:
    """The part of the ledger that holds them; garments have numbers of no meaning."""

    def __init__(self) -> None:
        self._of: dict[Node, int] = {}
        self._nodes: dict[int, set[Node]] = {}
        self._since: dict[Node, Entry] = {}
        self._apart: dict[Node, dict[Node, Entry]] = defaultdict(dict)
        self._names: dict[int, str] = {}
        self._retired: dict[int, bool] = {}
        self._foreign: dict[int, bool] = {}

    def copy(self) -> "Garments":
        """The same, to be added to."""
        other = Garments()
        other._of, other._since = self._of.copy(), self._since.copy()
        other._nodes = {number: nodes.copy() for number, nodes in self._nodes.items()}
        other._apart = defaultdict(dict, {node: others.copy() for node, others in self._apart.items()})
        other._names, other._retired, other._foreign = self._names.copy(), self._retired.copy(), self._foreign.copy()
        return other

    def against(self, statement: Statement, nodes: Sequence[Node]) -> Entry | None:
        """The latest earlier entry that a statement of these nodes contradicts, if there is one."""
        if statement.kind == "garment-different":
            one, other = nodes
            is_one = one in self._of and self._of[one] == self._of.get(other)
            found = [self._since[node] for node in nodes] if is_one else []
        else:
            joined = set(nodes).union(*(self._nodes[self._of[node]] for node in nodes if node in self._of))
            found = [entry for node in joined for other, entry in self._apart.get(node, {}).items() if other in joined]
        return max(found, key=lambda entry: (entry.at, entry.id), default=None)

    def add(self, statement: Statement, nodes: Sequence[Node], entry: Entry) -> None:
        """Have a statement hold that contradicts nothing."""
        if statement.kind == "garment-different":
            one, other = nodes
            if one != other:  # two photos of which one became the other
                self._apart[one].setdefault(other, entry)
                self._apart[other].setdefault(one, entry)
            return
        number = self._join(nodes, entry)
        if statement.kind == "garment-name" and statement.name is not None:
            self._names[number] = statement.name
        elif statement.kind == "garment-retire":
            self._retired[number] = statement.value
        elif statement.kind == "garment-not-theirs":
            self._foreign[number] = statement.value

    def decided(self, at: Callable[[int], Anchor]) -> tuple[DecidedGarment, ...]:
        """All of them. `at`: where a place is."""
        found = [
            DecidedGarment(
                frozenset((at(place), worn) for place, worn in nodes),
                self._names.get(number),
                self._retired.get(number, False),
                not self._foreign.get(number, False),
            )
            for number, nodes in self._nodes.items()
        ]
        return tuple(sorted(found, key=lambda garment: min(_order(spot) for spot in garment.spots)))

    def apart(self, at: Callable[[int], Anchor]) -> frozenset[tuple[Spot, Spot]]:
        """Pairs of spots that show two garments."""
        pairs = ((one, other) for one, others in self._apart.items() for other in others if one < other)
        sides = (sorted(((at(i), a), (at(j), b)), key=_order) for (i, a), (j, b) in pairs)
        return frozenset((one, other) for one, other in sides)

    def _join(self, nodes: Iterable[Node], entry: Entry) -> int:
        """The garment that these are from now on: the first of those that they were, else a new one."""
        nodes = list(nodes)
        known = list(dict.fromkeys(self._of[node] for node in nodes if node in self._of))
        keep = known[0] if known else max(self._nodes, default=-1) + 1
        mine = self._nodes.setdefault(keep, set())
        for gone in known[1:]:
            _inherit(self._names, gone, keep)
            _inherit(self._retired, gone, keep)
            _inherit(self._foreign, gone, keep)
            nodes += sorted(self._nodes.pop(gone))
        for node in nodes:
            if self._of.get(node) != keep:
                self._of[node], self._since[node] = keep, entry
        mine.update(nodes)
        return keep


def _inherit(told: dict[int, Value], gone: int, keep: int) -> None:
    if gone in told:
        told.setdefault(keep, told.pop(gone))


def _order(spot: Spot) -> tuple[str, tuple[float, ...], bytes, str]:
    return spot[0].photo_id, spot[0].box, spot[0].mask, spot[1]
