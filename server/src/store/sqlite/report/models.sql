-- Prevention models that exist in a period and were not removed. One that does not say since when exists in none.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
SELECT m.document, home.ward, m.members, m.open_fields > 0
FROM counted_model m
JOIN ward home ON home.id = m.home
WHERE m.since <= ?2 AND coalesce(m.ended, '9999-12-31') >= ?1 AND m.confirmed >= ?6
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR m.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
