-- Photos of records: sealed by the phone, in pieces as they arrive. The server cannot open them; what opens one stands in
-- its record. Which photos a record lists is a projection; the pictures themselves are not, they cannot be made anew.

CREATE TABLE photo (
    id       INTEGER PRIMARY KEY,
    photo    BLOB    NOT NULL,               -- PhotoId: SHA-256 of the sealed picture
    document INTEGER NOT NULL REFERENCES document,
    device   INTEGER NOT NULL REFERENCES device,
    size     INTEGER NOT NULL,               -- bytes of the whole
    have     INTEGER NOT NULL,               -- bytes that arrived, from the start on
    begun_at INTEGER NOT NULL,
    whole_at INTEGER,                        -- when its hash was found right; only then is it given to anybody
    UNIQUE (document, photo)                 -- of each record that lists it: nobody can occupy another's photo
) STRICT;
CREATE INDEX photo_by_photo ON photo (photo);
CREATE INDEX photo_unfinished ON photo (begun_at) WHERE whole_at IS NULL;

CREATE TABLE photo_piece (
    photo INTEGER NOT NULL REFERENCES photo ON DELETE CASCADE,
    at    INTEGER NOT NULL,                  -- place of its first byte
    bytes BLOB    NOT NULL,
    PRIMARY KEY (photo, at)
) STRICT;

CREATE TABLE visit_photo (                   -- projection: the photos that a visit lists now
    document INTEGER NOT NULL REFERENCES document,
    photo    BLOB    NOT NULL,               -- PhotoId
    PRIMARY KEY (document, photo)
) STRICT, WITHOUT ROWID;
