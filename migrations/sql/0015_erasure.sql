-- A case can be erased for good, with all its parts. What stays is a tombstone: the row of each document, whose identity is
-- never used again, without anything that was written in it. Whoever asks for it needs a second person.

ALTER TABLE document ADD COLUMN erased_at INTEGER;   -- when; NULL = it is there

ALTER TABLE approval ADD COLUMN document BLOB;       -- DocumentId of the core; NULL unless kind is erasure
ALTER TABLE approval ADD COLUMN reason   TEXT;       -- ErasureReason code

ALTER TABLE instance ADD COLUMN to_compact INTEGER NOT NULL DEFAULT 0;   -- 1: what was erased still lies in free pages

CREATE INDEX document_erased ON document (document) WHERE erased_at IS NOT NULL;
