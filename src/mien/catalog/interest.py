"""Which photos matter most to whoever has them."""

import sqlite3

FAVOURITE = 4
"""Stars from which on a photo is one."""


def by_interest(connection: sqlite3.Connection) -> list[str]:
    """All photos: those with people who have names and favourites (`FAVOURITE`), then the others; of each the newest
    first, undated ones last."""
    rows = connection.execute(
        """
        SELECT photo_id FROM photos LEFT JOIN taken USING (photo_id)
        ORDER BY photo_id NOT IN (
            SELECT photo_id FROM figures JOIN membership USING (figure_id) JOIN people USING (person_id)
            WHERE name IS NOT NULL
            UNION SELECT photo_id FROM files JOIN ratings USING (path) WHERE stars >= ?
        ), wall_time IS NULL, wall_time DESC, photo_id
        """,
        (FAVOURITE,),
    )
    return [photo_id for (photo_id,) in rows]
