-- What the ledger says about one document or actor is looked up by it once the database was put back.

CREATE INDEX ledger_about ON ledger (kind, substr(body, 1, 16));
