-- The groups of the pledge drives of a period.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
SELECT d.document, one.group_key, one.signer, one.signed, one.expected
FROM counted_drive d
JOIN ward home ON home.id = d.home
JOIN drive_group one ON one.document = d.document
WHERE d.date BETWEEN ?1 AND ?2 AND d.confirmed >= ?6
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR d.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
