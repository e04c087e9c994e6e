-- Confirmation: of a record that was confirmed the rows hold the values that were confirmed, until it is confirmed again.

ALTER TABLE visit_row ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;   -- 1 when its values were confirmed
ALTER TABLE visit_row ADD COLUMN standing  TEXT;                         -- Standing code
ALTER TABLE drive_row ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE drive_row ADD COLUMN standing  TEXT;
ALTER TABLE model_row ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE model_row ADD COLUMN standing  TEXT;
