-- Edits of people whose right had ended wait where a supervisor sees them, beside what revoked devices gave back.

ALTER TABLE handed_over ADD COLUMN reason TEXT NOT NULL DEFAULT 'device_revoked';   -- device_revoked, right_ended
