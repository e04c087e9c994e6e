-- What the counts of after-care are drawn from is sealed under the key of its case: in a small ward a day and a code tell who
-- somebody is. The plain tables before it go, and what they held is overwritten; the rows are drawn anew at the start.

DROP TABLE case_stretch;
DROP TABLE case_event;
DROP TABLE case_support;
DROP TABLE check_in_row;
DROP TABLE case_row;

CREATE TABLE care_row (                      -- projection: a document of a case, as `projection::CareRow`
    document INTEGER PRIMARY KEY REFERENCES document ON DELETE CASCADE,
    sealed   BLOB    NOT NULL                -- its CBOR; where the case is, says `document`
) STRICT;
