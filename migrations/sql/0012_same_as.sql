-- Records of one event that people linked: projections only. Reports read what counts (`counted_…`), never the rows themselves.

CREATE TABLE same_as (                       -- records that name another as the one whose counts stand
    document INTEGER PRIMARY KEY REFERENCES document,
    other    BLOB NOT NULL,                  -- DocumentId, as written; the record may not have arrived yet
    counted  INTEGER REFERENCES document     -- the record that counts for this one; NULL = it counts itself
) STRICT;
CREATE INDEX same_as_by_other ON same_as (other);
CREATE INDEX same_as_by_counted ON same_as (counted) WHERE counted IS NOT NULL;

CREATE VIEW counted_visit AS
SELECT * FROM visit_row WHERE archived = 0
  AND NOT EXISTS (SELECT 1 FROM same_as WHERE same_as.document = visit_row.document AND same_as.counted IS NOT NULL);

CREATE VIEW counted_drive AS
SELECT * FROM drive_row WHERE archived = 0
  AND NOT EXISTS (SELECT 1 FROM same_as WHERE same_as.document = drive_row.document AND same_as.counted IS NOT NULL);

CREATE VIEW counted_model AS
SELECT * FROM model_row WHERE archived = 0
  AND NOT EXISTS (SELECT 1 FROM same_as WHERE same_as.document = model_row.document AND same_as.counted IS NOT NULL);
