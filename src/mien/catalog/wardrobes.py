"""What the figures of a person are seen in, as the wardrobe needs it."""

import json
import sqlite3
from datetime import datetime

import numpy as np

from mien.traits.traits import from_json
from mien.wardrobe.glimpses import SURE, Glimpse, glimpses_of


def glimpses(connection: sqlite3.Connection, person_id: str) -> list[Glimpse]:
    """All garments that a person is seen in, in photos that are there."""
    rows = connection.execute(
        """
        SELECT figure_id, photo_id, wall_time, traits, appearance,
            CASE source WHEN 'decided' THEN 1 ELSE confidence END,
            (SELECT count(*) FROM figures AS beside
                WHERE beside.photo_id = figures.photo_id AND beside.figure_id NOT IN nobody)
        FROM membership JOIN figures USING (figure_id) JOIN evidence USING (figure_id) LEFT JOIN taken USING (photo_id)
        WHERE person_id = ? AND ordinal IS NOT NULL AND figure_id NOT IN nobody
            AND photo_id IN (SELECT photo_id FROM files WHERE state != 'missing')
        ORDER BY figure_id
        """,
        (person_id,),
    )
    return [
        glimpse
        for figure_id, photo_id, taken, traits, appearance, confidence, company in rows
        for glimpse in glimpses_of(
            from_json(json.loads(traits)),
            None if appearance is None else np.frombuffer(appearance, np.float32),
            figure_id=figure_id,
            photo_id=photo_id,
            at=None if taken is None else datetime.fromisoformat(taken),
            confidence=confidence,
            company=company,
        )
    ]


def unsure(connection: sqlite3.Connection, person_id: str) -> int:
    """Of how many photos it is not sure enough that they show this person, so that `glimpses` has nothing of them."""
    (found,) = connection.execute(
        """
        SELECT count(DISTINCT photo_id) FROM membership JOIN figures USING (figure_id)
        WHERE person_id = ? AND source != 'decided' AND confidence < ? AND figure_id NOT IN nobody
            AND photo_id IN (SELECT photo_id FROM files WHERE state != 'missing')
        """,
        (person_id, SURE),
    ).fetchone()
    return int(found)


def dressed_people(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Everybody with a name who is not kept from lists (id, name), most often seen first."""
    return connection.execute(
        """
        SELECT person_id, name FROM people LEFT JOIN about_people USING (person_id) JOIN membership USING (person_id)
        WHERE name IS NOT NULL AND NOT ifnull(hidden, 0) GROUP BY person_id ORDER BY count(*) DESC, person_id
        """
    ).fetchall()
