-- Prevention models (mô hình phòng, chống ma túy): projections only. Days are TEXT `YYYY-MM-DD`, as everywhere.

CREATE TABLE model_row (
    document    INTEGER PRIMARY KEY REFERENCES document,
    home        INTEGER NOT NULL REFERENCES ward,
    name        TEXT,
    kind        TEXT,                        -- ModelKind code
    since       TEXT,                        -- the first day; NULL = nobody said, then it exists in no period
    ended       TEXT,                        -- the last day; NULL = it goes on
    place       BLOB,                        -- PlaceId; the place may still be unknown to the register
    lead        TEXT,                        -- OrganisationId
    members     INTEGER,                     -- NULL = not known, in every number
    women       INTEGER,                     -- among the members, never added
    youth       INTEGER,                     -- among the members, never added
    archived    INTEGER NOT NULL,            -- 1 when removed (gỡ bỏ)
    open_fields INTEGER NOT NULL,            -- fields on which people differ
    problems    TEXT    NOT NULL,            -- codes of what is missing or to be looked at, comma between; '' = none
    author      INTEGER NOT NULL REFERENCES person,
    changed_at  INTEGER NOT NULL             -- latest time claimed
) STRICT;
CREATE INDEX model_row_by_since ON model_row (since);

CREATE TABLE model_review (                  -- reviews that give a verdict
    document  INTEGER NOT NULL REFERENCES document,
    year      INTEGER NOT NULL,              -- the year that was reviewed
    effective TEXT    NOT NULL,              -- Verdict code
    said_on   TEXT    NOT NULL,              -- the day of the review; without one, the last of its year
    PRIMARY KEY (document, year)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_activity (                -- visits and drives linked to it
    document INTEGER NOT NULL REFERENCES document,
    activity BLOB    NOT NULL,               -- DocumentId; the record may not have arrived yet
    PRIMARY KEY (document, activity)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_organisation (            -- who takes part (phối hợp), the lead not among them
    document     INTEGER NOT NULL REFERENCES document,
    organisation TEXT    NOT NULL,           -- OrganisationId
    PRIMARY KEY (document, organisation)
) STRICT, WITHOUT ROWID;
