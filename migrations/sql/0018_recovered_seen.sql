-- What others brought back after the database was put back is listed until whoever looks after the ward has seen it.

CREATE TABLE recovered_seen (
    document INTEGER PRIMARY KEY REFERENCES document,
    upto     INTEGER NOT NULL,               -- change.id of the last change that was on the list
    by       INTEGER NOT NULL REFERENCES person,
    at       INTEGER NOT NULL
) STRICT;
