-- Who joins, with which device, what was done by whom. Secrets are kept as hashes, or sealed under the master key, which
-- lies outside this database.

ALTER TABLE instance ADD COLUMN vault_check BLOB;       -- sealed constant: proves that the master key is the right one

ALTER TABLE person ADD COLUMN totp         BLOB;        -- secret of the two-step codes, sealed; NULL = none
ALTER TABLE person ADD COLUMN totp_since   INTEGER;     -- when a first code proved it; until then it counts for nothing
ALTER TABLE person ADD COLUMN totp_step    INTEGER NOT NULL DEFAULT 0;   -- last step used: a code works once

ALTER TABLE device ADD COLUMN push_token   BLOB;        -- SHA-256 of the credential that can only push
ALTER TABLE device ADD COLUMN unlock_key   BLOB;        -- sealed: opens the phone's data key after an online unlock
ALTER TABLE device ADD COLUMN by_invitation INTEGER NOT NULL DEFAULT 0;   -- 1: handed over in person, needs no two-step code
ALTER TABLE device ADD COLUMN last_seen_at INTEGER;
ALTER TABLE device ADD COLUMN waiting      INTEGER;     -- records waiting on the phone, as it said last
ALTER TABLE device ADD COLUMN revoked_at   INTEGER;     -- taken away by somebody: hand-over is all that is left
ALTER TABLE device ADD COLUMN revoked_by   INTEGER REFERENCES person;
ALTER TABLE device ADD COLUMN wiped_at     INTEGER;     -- when the phone said that it is empty
CREATE UNIQUE INDEX device_by_push_token ON device (push_token) WHERE push_token IS NOT NULL;
CREATE INDEX device_by_person ON device (person);

CREATE TABLE invitation (
    id         INTEGER PRIMARY KEY,
    token      BLOB    NOT NULL UNIQUE,      -- SHA-256
    person     INTEGER NOT NULL REFERENCES person,
    made_by    INTEGER REFERENCES person,    -- NULL: the server itself, at its first start
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    ended_at   INTEGER                       -- replaced by a newer one, or taken back
) STRICT;
CREATE INDEX invitation_by_person ON invitation (person);

CREATE TABLE approval (                      -- what takes a second person
    id         INTEGER PRIMARY KEY,
    approval   BLOB    NOT NULL UNIQUE,      -- identity outside
    kind       TEXT    NOT NULL,             -- invitation, totp_reset
    person     INTEGER NOT NULL REFERENCES person,   -- about whom
    asked_by   INTEGER NOT NULL REFERENCES person,
    asked_at   INTEGER NOT NULL,
    decided_by INTEGER REFERENCES person,
    decided_at INTEGER,
    granted    INTEGER
) STRICT;

CREATE TABLE handed_over (                   -- what a revoked device gave back: sealed under the master key, for a supervisor
    id         INTEGER PRIMARY KEY,
    item       BLOB    NOT NULL UNIQUE,      -- SHA-256 of the sealed item as it came
    device     INTEGER NOT NULL REFERENCES device,
    document   BLOB,                         -- DocumentId as sent; NULL for commands to the register
    kind       TEXT,                         -- Kind code, where known
    ward       TEXT,                         -- WardRef of its document, where known
    received   INTEGER NOT NULL,
    bytes      BLOB    NOT NULL,             -- the push item, sealed
    decided_by INTEGER REFERENCES person,
    decided_at INTEGER,
    outcome    TEXT                          -- taken, discarded, or a code
) STRICT;
CREATE INDEX handed_over_by_device ON handed_over (device);

CREATE TABLE audit (                         -- what was done and read; lines are only ever added
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    kind     TEXT    NOT NULL,               -- signed_in, sign_in_refused, case_read, export, device_revoked…
    person   INTEGER REFERENCES person,      -- who
    device   INTEGER REFERENCES device,
    about    INTEGER REFERENCES person,      -- whom it concerns
    document BLOB,                           -- DocumentId
    ward     TEXT,                           -- WardRef: whose supervisors may read the line
    address  TEXT    NOT NULL DEFAULT '',    -- of the caller, where it matters
    note     TEXT    NOT NULL DEFAULT '',    -- a code or a count, never content
    times    INTEGER NOT NULL DEFAULT 1      -- how often within the minute
) STRICT;
CREATE INDEX audit_by_at ON audit (at);
CREATE INDEX audit_by_document ON audit (document) WHERE document IS NOT NULL;
