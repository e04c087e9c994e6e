-- What the counts of after-care (indicators C1, C2) are drawn from: days, codes, yes and no. Like `case_row` these tables are
-- plain, so nothing may stand in them that tells who somebody is: no names, no notes, no places, no words of anybody. Parts
-- of a case name its core and have no ward: where the case is, says `case_row`, so a transfer takes them along by itself.

ALTER TABLE case_row ADD COLUMN since      TEXT;     -- first day of after-care
ALTER TABLE case_row ADD COLUMN until      TEXT;     -- its last day
ALTER TABLE case_row ADD COLUMN every_days INTEGER;  -- days between visits; NULL = by the rule in force
ALTER TABLE case_row ADD COLUMN next_due   TEXT;     -- the day agreed for the next visit

CREATE TABLE case_stretch (                  -- projection: other intervals from a day on
    document   INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,   -- the core
    key        TEXT    NOT NULL,             -- of its entry, see `projection::aftercare::plain_key`
    from_day   TEXT    NOT NULL,
    every_days INTEGER,                      -- NULL = by the rule in force again
    PRIMARY KEY (document, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE case_event (                    -- projection: what happened, by whichever part tells it
    document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
    core     INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
    key      TEXT    NOT NULL,
    kind     TEXT    NOT NULL,               -- EventKind code
    date     TEXT    NOT NULL,
    PRIMARY KEY (document, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_event_by_core ON case_event (core);

CREATE TABLE case_support (                  -- projection: support told by the core or a check-in
    document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
    core     INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
    kind     TEXT    NOT NULL,               -- SupportKind code
    date     TEXT    NOT NULL,
    given    INTEGER NOT NULL,               -- 0 = referred only
    PRIMARY KEY (document, kind, date)       -- the same kind on one day is told once
) STRICT, WITHOUT ROWID;
CREATE INDEX case_support_by_core ON case_support (core);

CREATE TABLE check_in_row (                  -- projection: check-ins as the schedule sees them
    document   INTEGER PRIMARY KEY REFERENCES document ON DELETE CASCADE,
    core       INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
    date       TEXT,                         -- NULL = nobody said
    met        INTEGER NOT NULL,
    next_due   TEXT,
    archived   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX check_in_by_core ON check_in_row (core);

-- The build that drew the projections; an older one's are drawn anew at the start (`projection::VERSION`).
ALTER TABLE instance ADD COLUMN projected INTEGER NOT NULL DEFAULT 0;

CREATE TABLE managed_people (                -- people under management as somebody typed them in (C1); every word is kept
    id        INTEGER PRIMARY KEY,
    ward      INTEGER NOT NULL REFERENCES ward,
    from_day  TEXT    NOT NULL,
    to_day    TEXT    NOT NULL,
    number    INTEGER,                       -- NULL = taken back
    by_person INTEGER NOT NULL REFERENCES person,
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX managed_people_by_period ON managed_people (ward, from_day, to_day);

CREATE TABLE aftercare_rules (               -- the dated rules of after-care; the newest row is in force, the others its history
    id     INTEGER PRIMARY KEY,
    rules  BLOB    NOT NULL,                 -- CBOR of AftercareRules
    person INTEGER REFERENCES person,        -- who changed them; NULL = as they shipped
    at     INTEGER NOT NULL
) STRICT;
