-- After-care: documents whose bytes are sealed under a key of their case. The key itself is sealed under the master key,
-- which lies outside this database; erasing a case destroys it.

ALTER TABLE document ADD COLUMN family INTEGER REFERENCES document;   -- the case it is part of (its core); NULL = none
CREATE INDEX document_by_family ON document (family) WHERE family IS NOT NULL;

CREATE TABLE case_key (
    document INTEGER PRIMARY KEY REFERENCES document,   -- the core
    key      BLOB    NOT NULL                           -- sealed
) STRICT;

CREATE TABLE assignment (                    -- helpers of a case
    id       INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document,      -- the core
    person   INTEGER NOT NULL REFERENCES person,
    since    INTEGER NOT NULL,
    until    INTEGER,
    by       INTEGER NOT NULL REFERENCES person
) STRICT;
CREATE UNIQUE INDEX assignment_open ON assignment (document, person) WHERE until IS NULL;
CREATE INDEX assignment_by_person ON assignment (person);

CREATE TABLE organisation_history (          -- which organisations a document was placed with; where it is now, says placement
    id           INTEGER PRIMARY KEY,
    document     INTEGER NOT NULL REFERENCES document,
    organisation TEXT    NOT NULL,           -- OrganisationId
    event        TEXT    NOT NULL,           -- joined, parted
    person       INTEGER NOT NULL REFERENCES person,
    at           INTEGER NOT NULL            -- by the server's clock
) STRICT;

-- What was set aside is sealed under the master key from now on; what is older may be visits only and stays as it is.
ALTER TABLE refused_change ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE parked         ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE case_row (                      -- projection: what counts need, and nothing that tells who it is
    document   INTEGER PRIMARY KEY REFERENCES document,
    home       INTEGER NOT NULL REFERENCES ward,
    status     TEXT,                         -- CaseStatus code; NULL = nobody said
    archived   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
