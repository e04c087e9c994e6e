-- The database was put back to an older copy, and the device of a change's author does not bring it any more: whoever else holds
-- it may. It counts like any other, and says for ever who brought it.

ALTER TABLE change ADD COLUMN recovered_by INTEGER REFERENCES device;   -- NULL: its author's own device sent it

CREATE INDEX change_recovered ON change (document) WHERE recovered_by IS NOT NULL;

-- When it was last put back is asked with every batch.
CREATE INDEX ledger_by_kind ON ledger (kind, at);
