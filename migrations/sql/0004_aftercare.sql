-- After-care: documents whose bytes are sealed under a key of their case. The key itself is sealed under the master key,
-- which lies outside this database; erasing a case destroys it.

ALTER TABLE document ADD COLUMN family INTEGER REFERENCES document;   -- the case it belongs to (its core); NULL = none

CREATE TABLE case_key (
    document INTEGER PRIMARY KEY REFERENCES document,   -- the core
    key      BLOB    NOT NULL                           -- sealed
) STRICT;

CREATE TABLE assignment (                    -- helpers of a case
    document INTEGER NOT NULL REFERENCES document,      -- the core
    person   INTEGER NOT NULL REFERENCES person,
    since    INTEGER NOT NULL,
    until    INTEGER,
    by       INTEGER NOT NULL REFERENCES person,
    PRIMARY KEY (document, person, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_by_person ON assignment (person) WHERE until IS NULL;

CREATE TABLE placement_organisation (        -- organisations a document is placed with, by command
    document     INTEGER NOT NULL REFERENCES document,
    organisation TEXT    NOT NULL,           -- OrganisationId
    PRIMARY KEY (document, organisation)
) STRICT, WITHOUT ROWID;

CREATE TABLE case_row (                      -- projection: what counts need, and nothing that tells who it is
    document   INTEGER PRIMARY KEY REFERENCES document,
    home       INTEGER NOT NULL REFERENCES ward,
    status     TEXT,
    archived   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
