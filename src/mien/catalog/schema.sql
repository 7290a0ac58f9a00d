-- The cache's tables. Everything here can be made again from the originals and the journal.
-- What is made IF NOT EXISTS is added to a cache of the same version that lacks it.
-- Paths are bytes as the file system has them (os.fsencode), so that any name can be stored, sorted and given back.

CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE files (
    path BLOB PRIMARY KEY,
    state TEXT NOT NULL DEFAULT 'present' CHECK (state IN ('present', 'missing', 'offline')),
    missing_since TEXT,         -- UTC; of a missing file
    kind TEXT NOT NULL CHECK (kind IN ('photo', 'video', 'other')),
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    volume TEXT NOT NULL,
    inode TEXT NOT NULL,
    photo_id TEXT REFERENCES photos,
    live_photo BLOB,            -- of a video: the photo whose moving half it is
    format TEXT,
    orientation INTEGER,
    taken_at TEXT,              -- ISO 8601, with its zone if the file names one; a date if only that is known
    taken_source TEXT,
    wall_time TEXT,             -- taken_at by the clock on the wall (noon of a date): sorts naive and aware alike
    latitude REAL,
    longitude REAL,
    altitude REAL,
    camera TEXT,
    focal_length_35mm REAL,
    error TEXT,                 -- JSON record of a MienError
    fingerprint TEXT NOT NULL   -- of the reading, or of the stage that failed; '' = try again every time
);
CREATE INDEX IF NOT EXISTS files_by_photo ON files (photo_id);
CREATE INDEX IF NOT EXISTS files_by_time ON files (coalesce(wall_time, ''), photo_id)
    WHERE photo_id IS NOT NULL AND state != 'missing';
CREATE INDEX IF NOT EXISTS files_not_understood ON files (kind) WHERE error IS NOT NULL OR kind != 'photo';

-- Stars that another program gave, 1–5. Of files read by editions before this table nothing is known until they change:
-- they decide whose turn comes first, which is not worth reading a whole library for.
CREATE TABLE IF NOT EXISTS ratings (
    path BLOB PRIMARY KEY REFERENCES files ON UPDATE CASCADE ON DELETE CASCADE,
    stars INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE photos (
    photo_id TEXT PRIMARY KEY,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    perceptual_hash TEXT NOT NULL,
    engine TEXT,                -- whose observation is the active one
    parse_fingerprint TEXT,
    faces_fingerprint TEXT,
    traits_fingerprint TEXT,
    minted INTEGER NOT NULL DEFAULT 0   -- how many figure ids this photo has ever given out
);

CREATE TABLE observations (
    photo_id TEXT NOT NULL REFERENCES photos,
    engine TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    blob TEXT NOT NULL,
    PRIMARY KEY (photo_id, engine)
) WITHOUT ROWID;

CREATE TABLE figures (
    figure_id TEXT PRIMARY KEY,
    photo_id TEXT NOT NULL REFERENCES photos,
    ordinal INTEGER,            -- in the active parse, from 0; NULL: drawn by hand
    x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL,
    score REAL NOT NULL,
    traits TEXT NOT NULL,
    face_x0 REAL, face_y0 REAL, face_x1 REAL, face_y1 REAL,
    face_score REAL
);
CREATE INDEX IF NOT EXISTS figures_by_photo ON figures (photo_id);
CREATE INDEX IF NOT EXISTS photos_of_figures ON figures (figure_id, photo_id);  -- spares reading whole rows

-- What grouping needs of a figure; apart from the listings' columns, so that neither walks over the other's.
CREATE TABLE evidence (
    figure_id TEXT PRIMARY KEY REFERENCES figures ON DELETE CASCADE,
    mask BLOB NOT NULL,         -- see people.anchors.Anchor
    face_vector BLOB,           -- float32
    face_usable REAL NOT NULL,
    appearance BLOB,            -- float32
    article BLOB                -- float64
) WITHOUT ROWID;

-- Whole faces, as later stages and the web need them (see derived.py).
CREATE TABLE faces (
    figure_id TEXT PRIMARY KEY REFERENCES figures ON DELETE CASCADE,
    data BLOB NOT NULL
);

-- Identity vectors by embedders of the user's own (see faces.embedder); those of the built-in one stand in `evidence`.
CREATE TABLE IF NOT EXISTS face_vectors (
    embedder TEXT NOT NULL,     -- its key
    figure_id TEXT NOT NULL REFERENCES figures ON DELETE CASCADE,
    vector BLOB NOT NULL,       -- float32, of length 1; empty if the embedder fails on this face
    PRIMARY KEY (embedder, figure_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS face_vectors_by_figure ON face_vectors (figure_id);

-- When a photo was taken, if several files of it say different things: a camera's word beats a file name's, a time a date.
CREATE VIEW taken AS
SELECT photo_id, taken_at, wall_time FROM (
    SELECT photo_id, taken_at, wall_time,
        row_number() OVER (PARTITION BY photo_id ORDER BY taken_source = 'filename', length(taken_at) = 10, wall_time, path) AS rank
    FROM files WHERE state != 'missing' AND taken_at IS NOT NULL
) WHERE rank = 1;

CREATE TABLE people (
    person_id TEXT PRIMARY KEY,
    name TEXT
) WITHOUT ROWID;

CREATE TABLE membership (
    figure_id TEXT PRIMARY KEY REFERENCES figures ON DELETE CASCADE,
    person_id TEXT NOT NULL,
    source TEXT NOT NULL,
    confidence REAL NOT NULL,
    key_rank INTEGER            -- place among the few figures that stand for the person
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS people_by_name ON people (name) WHERE name IS NOT NULL;
CREATE INDEX IF NOT EXISTS membership_by_person ON membership (person_id);

-- What was decided of people beside their names.
CREATE TABLE IF NOT EXISTS about_people (
    person_id TEXT PRIMARY KEY,
    hidden INTEGER NOT NULL,
    contact INTEGER NOT NULL,
    born TEXT                   -- ISO date
) WITHOUT ROWID;

-- Figures that were said to be nobody. They keep their ids, and are shown nowhere.
CREATE TABLE IF NOT EXISTS nobody (figure_id TEXT PRIMARY KEY REFERENCES figures ON DELETE CASCADE) WITHOUT ROWID;

-- How figures stand, of whom somebody's growth was asked for (see stances.py).
CREATE TABLE IF NOT EXISTS stances (
    figure_id TEXT PRIMARY KEY REFERENCES figures ON DELETE CASCADE,
    made_of TEXT NOT NULL,      -- the parse, the faces and the rules
    data TEXT NOT NULL          -- JSON: a stance, or the reason why there is none
) WITHOUT ROWID;

-- What is to be asked about people (see indexing.reviewing), most helpful first; `meta` says of which grouping.
CREATE TABLE IF NOT EXISTS questions (
    rank INTEGER PRIMARY KEY,
    question_id TEXT NOT NULL UNIQUE,
    data TEXT NOT NULL          -- JSON
);

-- Files whose reading was under way; what is left after a kill is read last, and alone.
CREATE TABLE inflight (path BLOB PRIMARY KEY) WITHOUT ROWID;

-- What changed since, for whoever keeps something made of these tables (see indexing.searching): photos whose figures or
-- files did, and figures of whom it is known anew who they are. Serials only grow. Nothing may conflict inside a trigger:
-- it would be dealt with as the statement says that set it off.
CREATE TABLE IF NOT EXISTS changes (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL CHECK (what IN ('photo', 'person')),
    id TEXT NOT NULL            -- photo_id; of a person: figure_id
);
CREATE UNIQUE INDEX IF NOT EXISTS changes_by_id ON changes (what, id);
CREATE TRIGGER IF NOT EXISTS figure_added AFTER INSERT ON figures BEGIN
    DELETE FROM changes WHERE what = 'photo' AND id = new.photo_id;
    INSERT INTO changes (what, id) VALUES ('photo', new.photo_id);
END;
CREATE TRIGGER IF NOT EXISTS figure_changed AFTER UPDATE ON figures BEGIN
    DELETE FROM changes WHERE what = 'photo' AND id = new.photo_id;
    INSERT INTO changes (what, id) VALUES ('photo', new.photo_id);
END;
CREATE TRIGGER IF NOT EXISTS figure_dropped AFTER DELETE ON figures BEGIN
    DELETE FROM changes WHERE what = 'photo' AND id = old.photo_id;
    INSERT INTO changes (what, id) VALUES ('photo', old.photo_id);
END;
CREATE TRIGGER IF NOT EXISTS file_replaced BEFORE INSERT ON files BEGIN  -- REPLACE sets off no DELETE trigger
    DELETE FROM changes WHERE what = 'photo' AND id = (SELECT photo_id FROM files WHERE path = new.path);
    INSERT INTO changes (what, id) SELECT 'photo', photo_id FROM files WHERE path = new.path AND photo_id IS NOT NULL;
END;
CREATE TRIGGER IF NOT EXISTS file_added AFTER INSERT ON files WHEN new.photo_id IS NOT NULL BEGIN
    DELETE FROM changes WHERE what = 'photo' AND id = new.photo_id;
    INSERT INTO changes (what, id) VALUES ('photo', new.photo_id);
END;
CREATE TRIGGER IF NOT EXISTS file_gone_or_back AFTER UPDATE OF state ON files
WHEN new.photo_id IS NOT NULL AND (old.state = 'missing') != (new.state = 'missing') BEGIN
    DELETE FROM changes WHERE what = 'photo' AND id = new.photo_id;
    INSERT INTO changes (what, id) VALUES ('photo', new.photo_id);
END;
CREATE TRIGGER IF NOT EXISTS file_dropped AFTER DELETE ON files WHEN old.photo_id IS NOT NULL BEGIN
    DELETE FROM changes WHERE what = 'photo' AND id = old.photo_id;
    INSERT INTO changes (what, id) VALUES ('photo', old.photo_id);
END;
CREATE TRIGGER IF NOT EXISTS member_added AFTER INSERT ON membership BEGIN
    DELETE FROM changes WHERE what = 'person' AND id = new.figure_id;
    INSERT INTO changes (what, id) VALUES ('person', new.figure_id);
END;
CREATE TRIGGER IF NOT EXISTS member_changed AFTER UPDATE OF person_id, confidence ON membership BEGIN
    DELETE FROM changes WHERE what = 'person' AND id = new.figure_id;
    INSERT INTO changes (what, id) VALUES ('person', new.figure_id);
END;
CREATE TRIGGER IF NOT EXISTS member_dropped AFTER DELETE ON membership BEGIN
    DELETE FROM changes WHERE what = 'person' AND id = old.figure_id;
    INSERT INTO changes (what, id) VALUES ('person', old.figure_id);
END;
CREATE TRIGGER IF NOT EXISTS nobody_added AFTER INSERT ON nobody BEGIN
    DELETE FROM changes WHERE what = 'person' AND id = new.figure_id;
    INSERT INTO changes (what, id) VALUES ('person', new.figure_id);
END;
CREATE TRIGGER IF NOT EXISTS nobody_dropped AFTER DELETE ON nobody BEGIN
    DELETE FROM changes WHERE what = 'person' AND id = old.figure_id;
    INSERT INTO changes (what, id) VALUES ('person', old.figure_id);
END;
