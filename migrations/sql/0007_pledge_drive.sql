-- Pledge drives (đợt ký cam kết): projections only. Days are TEXT `YYYY-MM-DD`, as everywhere.

CREATE TABLE drive_row (
    document    INTEGER PRIMARY KEY REFERENCES document,
    home        INTEGER NOT NULL REFERENCES ward,
    date        TEXT,                        -- the day on which it was held or began: it counts on this one
    ended       TEXT,                        -- last day on which sheets were collected
    year        TEXT,                        -- DriveYear: `2025-2026` for a school year, `2026`
    place       BLOB,                        -- PlaceId; the place may still be unknown to the register
    campaign    TEXT,                        -- CampaignId
    lead        TEXT,                        -- OrganisationId
    visit       BLOB,                        -- DocumentId of the visit that it went with; adds nothing to it
    archived    INTEGER NOT NULL,            -- 1 when removed (gỡ bỏ)
    open_fields INTEGER NOT NULL,            -- fields on which people differ
    problems    TEXT    NOT NULL,            -- codes of what is missing or to be looked at, comma between; '' = none
    author      INTEGER NOT NULL REFERENCES person,
    changed_at  INTEGER NOT NULL             -- latest time claimed
) STRICT;
CREATE INDEX drive_row_by_date ON drive_row (date);

CREATE TABLE drive_group (                   -- classes, branches, clusters that count; those taken out have no row
    document  INTEGER NOT NULL REFERENCES document,
    group_key TEXT    NOT NULL,              -- GroupKey: `pupils-7a2`, the same in every drive
    signer    TEXT,                          -- Signer code; NULL = nobody said
    name      TEXT,                          -- as somebody wrote it: `7A2`
    expected  INTEGER,                       -- who was to sign; NULL = not known, in every number
    signed    INTEGER,                       -- who signed, in the one way in which the group is counted
    absent    INTEGER,
    late      INTEGER,                       -- sheets that came late
    parents   INTEGER,                       -- parents who signed too
    PRIMARY KEY (document, group_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE drive_organisation (            -- who took part (phối hợp), the lead not among them
    document     INTEGER NOT NULL REFERENCES document,
    organisation TEXT    NOT NULL,           -- OrganisationId
    PRIMARY KEY (document, organisation)
) STRICT, WITHOUT ROWID;
