-- The first schema: the log and what is drawn from it. Forward only; never edited once released.
-- Days are TEXT `YYYY-MM-DD`, moments INTEGER milliseconds UTC, identifiers from outside BLOBs; every table that others
-- point at has a small INTEGER key of its own, which never leaves the server except as scope and document numbers.

-- ── The instance ─────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE instance (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    instance   BLOB    NOT NULL,             -- InstanceId
    epoch      INTEGER NOT NULL,             -- rises when the database was restored
    demo       INTEGER NOT NULL,             -- fixed when it is made: demo data never mixes with real data
    area_name  TEXT    NOT NULL DEFAULT '',  -- what the area is called
    created_at INTEGER NOT NULL
) STRICT;

-- ── The register (every row is also logged in the scope `reference`) ─────────────────────────────────────────────
CREATE TABLE ward (
    id         INTEGER PRIMARY KEY,
    ward       TEXT NOT NULL UNIQUE,         -- WardRef: `08707@2025-07-01`
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,                -- Phường, Xã…
    valid_from TEXT NOT NULL,
    valid_to   TEXT,                         -- last day
    successor  TEXT                          -- WardRef
) STRICT;

CREATE TABLE organisation (
    id           INTEGER PRIMARY KEY,
    organisation TEXT NOT NULL UNIQUE,       -- OrganisationId
    name         TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    plan_section TEXT NOT NULL,
    valid_from   TEXT NOT NULL,
    valid_to     TEXT,
    parent       TEXT,
    successor    TEXT
) STRICT;

CREATE TABLE campaign (
    id         INTEGER PRIMARY KEY,
    campaign   TEXT NOT NULL UNIQUE,         -- CampaignId
    name       TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT
) STRICT;

CREATE TABLE place (
    id          INTEGER PRIMARY KEY,
    place       BLOB NOT NULL UNIQUE,        -- PlaceId
    kind        TEXT NOT NULL,               -- PlaceKind code
    name        TEXT NOT NULL,
    level       TEXT NOT NULL,
    status      TEXT NOT NULL,               -- PlaceStatus code; only `registered` ones are denominators
    merged_into BLOB,                        -- PlaceId
    proposed_by INTEGER REFERENCES person    -- NULL for the ones an administrator registered
) STRICT;

CREATE TABLE place_ward (                    -- where a place lay, and when
    place      INTEGER NOT NULL REFERENCES place,
    ward       INTEGER NOT NULL REFERENCES ward,
    valid_from TEXT    NOT NULL,
    valid_to   TEXT,
    PRIMARY KEY (place, ward, valid_from)
) STRICT, WITHOUT ROWID;
CREATE INDEX place_ward_by_ward ON place_ward (ward);

-- ── People, their roles, their devices ───────────────────────────────────────────────────────────────────────────
CREATE TABLE person (
    id         INTEGER PRIMARY KEY,
    person     BLOB NOT NULL UNIQUE,         -- PersonId
    sign_in    TEXT NOT NULL UNIQUE,         -- lower case
    full_name  TEXT NOT NULL,
    password   TEXT NOT NULL,                -- Argon2id, PHC string
    created_at INTEGER NOT NULL,
    closed_at  INTEGER
) STRICT;

CREATE TABLE membership (
    id           INTEGER PRIMARY KEY,
    person       INTEGER NOT NULL REFERENCES person,
    role         TEXT    NOT NULL,           -- Role code
    ward         TEXT,                       -- WardRef; NULL for roles over the whole area
    organisation TEXT,                       -- OrganisationId
    valid_from   TEXT    NOT NULL,
    valid_to     TEXT
) STRICT;
CREATE INDEX membership_by_person ON membership (person);

CREATE TABLE device (
    id         INTEGER PRIMARY KEY,
    device     BLOB NOT NULL UNIQUE,         -- DeviceId
    person     INTEGER NOT NULL REFERENCES person,
    name       TEXT NOT NULL,
    token      BLOB NOT NULL UNIQUE,         -- SHA-256 of the token
    created_at INTEGER NOT NULL,
    ended_at   INTEGER                       -- signed out or taken away
) STRICT;

CREATE TABLE actor (                         -- one start of the app in one tab; bound at its first push
    id       INTEGER PRIMARY KEY,
    actor    BLOB NOT NULL UNIQUE,           -- ActorId
    device   INTEGER NOT NULL REFERENCES device,
    person   INTEGER NOT NULL REFERENCES person,
    bound_at INTEGER NOT NULL
) STRICT;

-- ── Documents, their changes, where they are placed ──────────────────────────────────────────────────────────────
CREATE TABLE document (
    id           INTEGER PRIMARY KEY,
    document     BLOB NOT NULL UNIQUE,       -- DocumentId
    generation   INTEGER NOT NULL,
    kind         TEXT NOT NULL,              -- Kind code
    created_ward INTEGER NOT NULL REFERENCES ward,
    home         INTEGER NOT NULL REFERENCES ward,   -- this ward alone sums it
    created_by   INTEGER NOT NULL REFERENCES person,
    created_at   INTEGER NOT NULL,
    version      INTEGER NOT NULL            -- rises with every commit that touches it, placement included
) STRICT;

CREATE TABLE change (
    id       INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document,
    hash     BLOB    NOT NULL,
    actor    INTEGER NOT NULL REFERENCES actor,
    received INTEGER NOT NULL,
    bytes    BLOB    NOT NULL                -- the uncompressed chunk
) STRICT;
CREATE UNIQUE INDEX change_by_hash ON change (document, hash);

CREATE TABLE snapshot (
    document INTEGER PRIMARY KEY REFERENCES document,
    upto     INTEGER NOT NULL,               -- change.id of the last change in it
    heads    BLOB    NOT NULL,               -- hashes, ascending, 32 bytes each
    bytes    BLOB    NOT NULL
) STRICT;

CREATE TABLE scope (
    id        INTEGER PRIMARY KEY,           -- the number cursors use
    scope     TEXT    NOT NULL UNIQUE,       -- `activity/08707@2025-07-01`, `reference`
    seq       INTEGER NOT NULL,              -- last entry of its log
    chain     INTEGER NOT NULL,              -- hash over the log, as the 64 bits of a signed number
    digest    BLOB    NOT NULL,              -- what its documents are at
    documents INTEGER NOT NULL
) STRICT;

CREATE TABLE scope_log (
    scope   INTEGER NOT NULL REFERENCES scope,
    seq     INTEGER NOT NULL,
    kind    INTEGER NOT NULL,                -- see store::sqlite::log::Kind
    subject INTEGER NOT NULL,                -- document, or row of the register
    change  INTEGER,                         -- change.id
    device  INTEGER,                         -- whose phone has it already
    chain   INTEGER NOT NULL,
    PRIMARY KEY (scope, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE placement (
    scope    INTEGER NOT NULL REFERENCES scope,
    document INTEGER NOT NULL REFERENCES document,
    PRIMARY KEY (scope, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_by_document ON placement (document);

CREATE TABLE placement_history (
    id       INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document,
    ward     INTEGER NOT NULL REFERENCES ward,
    event    TEXT    NOT NULL,               -- created, reached, left, moved_here, moved_away
    person   INTEGER NOT NULL REFERENCES person,
    at       INTEGER NOT NULL                -- by the server's clock
) STRICT;
CREATE INDEX placement_history_by_document ON placement_history (document) WHERE event <> 'created';

-- ── What makes a repeated delivery harmless, and what was not taken ──────────────────────────────────────────────
CREATE TABLE batch_ack (
    device  INTEGER NOT NULL REFERENCES device,
    batch   INTEGER NOT NULL,
    content BLOB    NOT NULL,                -- first 16 bytes of the SHA-256 of the request
    answer  BLOB    NOT NULL,
    PRIMARY KEY (device, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE command_done (
    command BLOB    NOT NULL PRIMARY KEY,    -- CommandId
    person  INTEGER NOT NULL REFERENCES person,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE refused_change (                -- refused for what they are; refused for ever, and what builds on them too
    hash     BLOB    NOT NULL PRIMARY KEY,
    document BLOB    NOT NULL,               -- DocumentId as sent
    code     TEXT    NOT NULL,
    device   INTEGER NOT NULL REFERENCES device,
    received INTEGER NOT NULL,
    bytes    BLOB    NOT NULL                -- kept for whoever looks into it
) STRICT, WITHOUT ROWID;

CREATE TABLE parked (                        -- kept aside for a supervisor
    hash       BLOB    NOT NULL PRIMARY KEY,
    document   INTEGER NOT NULL REFERENCES document,
    reason     TEXT    NOT NULL,
    device     INTEGER NOT NULL REFERENCES device,
    received   INTEGER NOT NULL,
    bytes      BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (                        -- copied outside the backups and replayed on restore
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    kind TEXT    NOT NULL,                   -- actor_bound, device_ended…
    body BLOB    NOT NULL
) STRICT;

-- ── Projections: drawn from documents and placements only; `donghanh reproject` makes them anew ──────────────────
CREATE TABLE visit_row (
    document       INTEGER PRIMARY KEY REFERENCES document,
    home           INTEGER NOT NULL REFERENCES ward,
    date           TEXT,
    form           TEXT,                     -- Form code
    lead           TEXT,                     -- OrganisationId
    campaign       TEXT,                     -- CampaignId
    programme_year INTEGER,
    sessions       INTEGER NOT NULL,         -- 1 unless somebody wrote another number
    attendance     INTEGER,                  -- person-times; NULL = not known, in every count
    pupils         INTEGER,
    students       INTEGER,
    youth          INTEGER,
    workers        INTEGER,
    residents      INTEGER,
    officials      INTEGER,
    women          INTEGER,                  -- of whom: never adds
    high_risk      INTEGER,                  -- of whom: never adds
    households     INTEGER,
    leaflets       INTEGER,
    booklets       INTEGER,
    posters        INTEGER,
    banners        INTEGER,
    keepsakes      INTEGER,
    media          INTEGER NOT NULL,         -- 1 for loudspeaker, post, article: such a visit never covers a place
    archived       INTEGER NOT NULL,         -- 1 when removed (gỡ bỏ)
    open_fields    INTEGER NOT NULL,         -- fields on which people differ
    problems       TEXT    NOT NULL,         -- codes of combinations that make no sense, comma between; '' = none
    due            TEXT,                     -- day of the first open follow-up
    author         INTEGER NOT NULL REFERENCES person,
    changed_at     INTEGER NOT NULL          -- latest time claimed
) STRICT;
CREATE INDEX visit_row_by_date ON visit_row (date);

CREATE TABLE visit_place (                   -- venue and places reached; the place may still be unknown to the register
    document INTEGER NOT NULL REFERENCES document,
    place    BLOB    NOT NULL,               -- PlaceId
    PRIMARY KEY (document, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_organisation (            -- who took part (phối hợp), the lead not among them
    document     INTEGER NOT NULL REFERENCES document,
    organisation TEXT    NOT NULL,           -- OrganisationId
    PRIMARY KEY (document, organisation)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_ward (                    -- other wards reached, by placement
    document INTEGER NOT NULL REFERENCES document,
    ward     INTEGER NOT NULL REFERENCES ward,
    PRIMARY KEY (document, ward)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_topic (
    document INTEGER NOT NULL REFERENCES document,
    topic    TEXT    NOT NULL,               -- Topic code
    PRIMARY KEY (document, topic)
) STRICT, WITHOUT ROWID;
