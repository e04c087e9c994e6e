-- Contact persons of schools: the school is part of the role, and drives are placed with schools (`place/<PlaceId>`) by commands.

ALTER TABLE membership ADD COLUMN place BLOB;   -- PlaceId; NULL for every role but a school's contact person
ALTER TABLE approval   ADD COLUMN place BLOB;   -- PlaceId

CREATE TABLE school_history (                   -- which schools a drive was placed with; where it is now, says placement
    id       INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document,
    school   BLOB    NOT NULL,                  -- PlaceId
    event    TEXT    NOT NULL,                  -- joined, parted
    person   INTEGER NOT NULL REFERENCES person,
    at       INTEGER NOT NULL                   -- by the server's clock
) STRICT;
