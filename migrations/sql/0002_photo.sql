-- Photos of records: sealed by the phone, in pieces as they arrive. The server cannot open them; what opens one stands in
-- its record. Which photos a record lists is a projection; the pictures themselves are not, they cannot be made anew.

CREATE TABLE photo (
    id       INTEGER PRIMARY KEY,
    photo    BLOB    NOT NULL UNIQUE,        -- PhotoId: SHA-256 of the sealed picture
    document INTEGER NOT NULL REFERENCES document,
    device   INTEGER NOT NULL REFERENCES device,
    size     INTEGER NOT NULL,               -- bytes of the whole
    have     INTEGER NOT NULL,               -- bytes that arrived, from the start on
    begun_at INTEGER NOT NULL,
    whole_at INTEGER                         -- when its hash was found right; only then is it given to anybody
) STRICT;
CREATE INDEX photo_by_document ON photo (document);

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
