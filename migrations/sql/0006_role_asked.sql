-- A role that takes a second person: what is asked for.

ALTER TABLE approval ADD COLUMN role         TEXT;   -- Role code; NULL unless kind is role
ALTER TABLE approval ADD COLUMN ward         TEXT;   -- WardRef
ALTER TABLE approval ADD COLUMN organisation TEXT;   -- OrganisationId
