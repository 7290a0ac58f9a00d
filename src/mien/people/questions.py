"""Questions: what to ask a human so that the answers help most.

Three kinds: are two groups one person (`same`), is a group this person (`person`), is a figure really the person it is
held to be (`doubt`). Two figures of one photo are asked about, too, where it may show a mirror or a picture (see
`reflections`). What a question is worth is how many figures are expected to change whom they show: how probable
the change is, times how many figures it moves. What follows from other answers, those already given or those to the
questions before it, is not asked; nor is anything asked twice.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import Literal

from mien.people.anchors import Anchor, match_anchors
from mien.people.decisions import Decisions
from mien.people.evidence import Reason, compare
from mien.people.grouping import likelihood
from mien.people.looks import is_child
from mien.people.membership import Grouping
from mien.people.moments import Moment, moments
from mien.people.neighbours import unwatched
from mien.people.reasons import CLEAR
from mien.people.reflections import distance, reflections
from mien.people.resemblance import Resemblance, resemblance
from mien.people.sighting import Sighting
from mien.people.spreading import alike, suggestions

Kind = Literal["same", "person", "doubt"]

LEAST = 0.1
"""Least probability of a change that is worth a question."""

SURE = 0.9
"""Probability from which a figure that was inferred to be a person is not doubted."""

CROWDED = 0.08
"""Handicap of two faces together (see `crowd`) above which they are of a kind that the shipped vector tells badly."""

_UNNAMED = 0.5  # a figure that joins another one without a name is worth half of one that gets a name
_AGAIN = 0.9  # so much less is the next question about somebody worth, that not all be about one
_MEETING = 0.3  # a pair that met in one moment tells more by so much of usability
_SHOWN = 4  # best seen figures of either side, and as many who meet the other side in a moment, that a pair is from


@dataclass(frozen=True)
class Question:
    """Whether two figures are one person.

    Attributes:
        kind: see the module; of `doubt`, `figure` is held to be the person whom `other` shows.
        figure, other: the two figures to look at.
        person_ids: the groups that both are in: of `person` the person's last; of `doubt` the person's only.
        probability: 0–1, that they are one person.
        gain: how many figures are expected to change whom they show.
        figures: how many figures the answer moves.
        reasons: what speaks for it and against it, the weightiest first; "crowded" and "child" where faces say less.
    """

    kind: Kind
    figure: str
    other: str
    person_ids: tuple[str, ...]
    probability: float
    gain: float
    figures: int
    reasons: tuple[Reason, ...] = ()

    @property
    def question_id(self) -> str:
        """12 hex digits: the same for the same question, whenever it is asked."""
        return hashlib.sha256(f"{self.kind} {self.figure} {self.other}".encode()).hexdigest()[:12]


def questions(
    sightings: Sequence[Sighting],
    grouping: Grouping,
    decisions: Decisions | None = None,
    limit: int = 20,
    watch: Callable[[], None] = unwatched,
) -> tuple[Question, ...]:
    """What to ask about a grouping, the most helpful question first, at most `limit`.

    `watch` is called many times a second; what it raises ends this.
    """
    decisions = decisions or Decisions()
    known = resemblance(sightings, grouping, decisions, watch)
    asking = _Asking(known, grouping, decisions)
    return tuple(asking.worded(issue) for issue in _diverse(asking.issues(), limit))


@dataclass(frozen=True)
class _Issue:
    """What may be asked: about which two subjects; in doubt, about which figure (index) of which subject.

    Of somebody who may be twice in one photo `pair` are the two figures there (indices)."""

    gain: float
    kind: Kind
    one: int
    other: int
    probability: float
    figures: int
    pair: tuple[int, int] | None = None


def _diverse(issues: Sequence[_Issue], limit: int) -> list[_Issue]:
    """The most helpful ones, none of which follows from those before it."""
    root: dict[int, int] = {}
    asked: dict[int, int] = defaultdict(int)

    def find(subject: int) -> int:
        while root.get(subject, subject) != subject:
            subject = root[subject]
        return subject

    def worth(issue: _Issue) -> float:
        subjects = (issue.other,) if issue.kind == "doubt" else (issue.one, issue.other)
        return -issue.gain * float(_AGAIN ** max(asked[subject] for subject in subjects))

    heap = [(worth(issue), number) for number, issue in enumerate(issues)]
    heapify(heap)
    chosen: list[_Issue] = []
    while heap and len(chosen) < limit:
        stale, number = heappop(heap)
        issue = issues[number]
        if issue.kind != "doubt" and find(issue.one) == find(issue.other):
            continue
        if worth(issue) > stale:  # asked about since
            heappush(heap, (worth(issue), number))
            continue
        if issue.kind != "doubt":
            root[find(issue.one)] = find(issue.other)
            asked[issue.one] += 1
        asked[issue.other] += 1
        chosen.append(issue)
    return chosen


@dataclass(frozen=True, eq=False)
class _Asking:
    known: Resemblance
    grouping: Grouping
    decisions: Decisions
    index: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {s.figure_id: i for i, s in enumerate(self.known.sightings)})

    def issues(self) -> list[_Issue]:
        """All that may be asked, in an order that depends on nothing but what is known."""
        return [*self._of_people(), *self._of_groups(), *self._of_doubt(), *self._of_reflections()]

    def worded(self, issue: _Issue) -> Question:
        """The question, with the two figures that show best what it is about."""
        known = self.known
        if issue.kind == "doubt":
            others = [i for i in known.subjects[issue.other] if i != issue.one]
            one, other = self._telling([issue.one], [i for i in others if self._is_decided(i)] or others)
            person_ids: tuple[str, ...] = (known.people[issue.other],)
        else:
            one, other = issue.pair or self._telling(known.subjects[issue.one], known.subjects[issue.other])
            person_ids = (self._person_id(issue.one), self._person_id(issue.other))
        return Question(
            kind=issue.kind,
            figure=known.sightings[one].figure_id,
            other=known.sightings[other].figure_id,
            person_ids=person_ids,
            probability=issue.probability,
            gain=issue.gain,
            figures=issue.figures,
            reasons=self._told(issue, one, other, person_ids) if issue.pair is None else _reflected(one, other, known),
        )

    def _of_people(self) -> Iterator[_Issue]:
        number = {person_id: i for i, person_id in enumerate(self.known.people)}
        for suggestion in suggestions(self.known, LEAST):
            person, figures = number[suggestion.person_id], len(self.known.subjects[suggestion.subject])
            if (suggestion.subject, person) not in self._asked and not self._is_hidden(person):
                gain = suggestion.probability * figures
                yield _Issue(gain, "person", suggestion.subject, person, suggestion.probability, figures)

    def _of_groups(self) -> Iterator[_Issue]:
        known, people = self.known, len(self.known.people)
        for one, other, probability in zip(
            known.one.tolist(), known.other.tolist(), alike(known).tolist(), strict=True
        ):
            if one >= people and probability >= LEAST and (one, other) not in self._asked:
                figures = min(len(known.subjects[one]), len(known.subjects[other]))
                yield _Issue(_UNNAMED * probability * figures, "same", one, other, probability, figures)

    def _of_doubt(self) -> Iterator[_Issue]:
        for person, figures in enumerate(self.known.subjects[: len(self.known.people)]):
            for i in figures if not self._is_hidden(person) else ():
                member = self.grouping.memberships.get(self.known.sightings[i].figure_id)
                is_open = member is not None and member.source == "inferred" and i not in self._doubted
                if member is not None and is_open and member.confidence < SURE and len(figures) > 1:
                    yield _Issue(1 - member.confidence, "doubt", i, person, member.confidence, 1)

    def _of_reflections(self) -> Iterator[_Issue]:
        """Whom one photo may show twice; of two who were decided nothing is asked, as they are two people then."""
        people, subject = len(self.known.people), self.known.subject_of
        apart = {frozenset(pair) for pair in self._figures(self.decisions.apart)}
        for a, b, square in reflections(self.known.sightings):
            if a not in subject or b not in subject or frozenset((a, b)) in apart:
                continue
            (other, b), (one, a) = sorted([(subject[a], a), (subject[b], b)])
            is_person = other < people
            if one == other or one < people or (one, other) in self._asked or (is_person and self._is_hidden(other)):
                continue
            if is_person and self.known.people[other] in self._rejected.get(a, ()):
                continue
            figures, probability = (
                min(len(self.known.subjects[one]), len(self.known.subjects[other])),
                likelihood(square),
            )
            gain = probability * (len(self.known.subjects[one]) if is_person else _UNNAMED * figures)
            yield _Issue(gain, "person" if is_person else "same", one, other, probability, figures, (a, b))

    @cached_property
    def _unsure(self) -> list[tuple[int, int]]:
        """Pairs of figures of whom nobody knows."""
        return self._figures(self.decisions.unsure)

    @cached_property
    def _rejected(self) -> dict[int, set[str]]:
        """The people whom figures (indices) were said not to be."""
        there = self._standing({place for place, _ in self.decisions.rejected})
        found: dict[int, set[str]] = defaultdict(set)
        for place, person_id in self.decisions.rejected:
            if (figure := there.get(place)) is not None:
                found[self.index[figure]].add(person_id)
        return found

    def _figures(self, told: Collection[tuple[Anchor, Anchor]]) -> list[tuple[int, int]]:
        """Which figures (indices) stand at pairs of places, where both do."""
        there = self._standing({place for pair in told for place in pair})
        pairs = ((there.get(one), there.get(other)) for one, other in told)
        return [(self.index[a], self.index[b]) for a, b in pairs if a is not None and b is not None]

    def _standing(self, places: Collection[Anchor]) -> dict[Anchor, str | None]:
        return match_anchors(places, {s.figure_id: s.place for s in self.known.sightings}) if places else {}

    @cached_property
    def _asked(self) -> set[tuple[int, int]]:
        """Pairs of subjects of whom was asked in vain, either way round."""
        subject = self.known.subject_of
        pairs = [(subject[a], subject[b]) for a, b in self._unsure if a in subject and b in subject]
        return {*pairs, *((b, a) for a, b in pairs)}

    @cached_property
    def _doubted(self) -> set[int]:
        """Figures of whom was asked in vain whether they are the person they are held to be."""
        subject = self.known.subject_of
        return {i for a, b in self._unsure if subject.get(a) == subject.get(b) for i in (a, b)}

    @cached_property
    def _moments(self) -> dict[str, Moment]:
        return {s.figure_id: moment for moment in moments(self.known.sightings) for s in moment.sightings}

    def _is_hidden(self, person: int) -> bool:
        return self.decisions.people[self.known.people[person]].is_hidden

    def _is_decided(self, i: int) -> bool:
        member = self.grouping.memberships.get(self.known.sightings[i].figure_id)
        return member is not None and member.source == "decided"

    def _person_id(self, subject: int) -> str:
        if subject < len(self.known.people):
            return self.known.people[subject]
        figure = self.known.sightings[self.known.subjects[subject][0]].figure_id
        member = self.grouping.memberships.get(figure)
        return (member and member.person_id) or figure

    def _telling(self, ones: Sequence[int], others: Sequence[int]) -> tuple[int, int]:
        """The two figures that tell most: seen well, and alike or in one moment."""
        pairs = [(a, b) for a in self._shown(ones, others) for b in self._shown(others, ones)]
        return max(pairs, key=lambda pair: (self._tells(*pair), (-pair[0], -pair[1])))

    def _shown(self, figures: Sequence[int], others: Sequence[int]) -> list[int]:
        seen = self.known.sightings
        best = sorted(figures, key=lambda i: (-seen[i].face_usable, i))
        here = {id(self._moment(i)) for i in others} - {id(None)}
        meeting = [i for i in best if id(self._moment(i)) in here]
        return list(dict.fromkeys([*best[:_SHOWN], *meeting[:_SHOWN]]))

    def _tells(self, a: int, b: int) -> float:
        one, other = self.known.sightings[a], self.known.sightings[b]
        meet = _MEETING if self._common(a, b) is not None else 0.0
        if one.face_vector is None or other.face_vector is None:
            return meet
        distance = float(((one.face_vector - other.face_vector) ** 2).sum())
        return meet + min(one.face_usable, other.face_usable) - distance

    def _reasons(self, a: int, b: int, person_ids: Sequence[str]) -> tuple[Reason, ...]:
        one, other = self.known.sightings[a], self.known.sightings[b]
        found = [r for r in compare(one, other, self._common(a, b)).reasons if r.kind != "prior"]
        if one.identifies and other.identifies:
            if one.face_handicap + other.face_handicap > CROWDED:
                found.append(Reason("crowded", 0.0))
            births = [p.born for i in person_ids if (p := self.decisions.people.get(i)) is not None]
            if any(is_child(s, born) for born in births for s in (one, other)):
                found.append(Reason("child", 0.0))
        return tuple(found)

    def _told(self, issue: _Issue, a: int, b: int, person_ids: Sequence[str]) -> tuple[Reason, ...]:
        """The reasons of a question of two subjects, with the company they are seen in."""
        odds = self.known.company.get((issue.other, issue.one), 0.0) if issue.kind == "person" else 0.0
        company = (Reason("company", odds),) if odds > CLEAR else ()
        return (*self._reasons(a, b, person_ids), *company)

    def _moment(self, i: int) -> Moment | None:
        return self._moments.get(self.known.sightings[i].figure_id)

    def _common(self, a: int, b: int) -> Moment | None:
        moment = self._moment(a)
        return moment if moment is self._moment(b) else None


def _reflected(one: int, other: int, known: Resemblance) -> tuple[Reason, ...]:
    square = distance(known.sightings[one], known.sightings[other])
    odds = math.log(likelihood(square) / (1 - likelihood(square)))
    return Reason("faces", odds, {"distance": round(square, 3)}), Reason("same-photo", 0.0)
