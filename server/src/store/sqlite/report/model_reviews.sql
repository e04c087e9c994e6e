-- What the reviews of the prevention models of a period said by its last day, the latest year last.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
SELECT m.document, one.year, one.effective
FROM counted_model m
JOIN ward home ON home.id = m.home
JOIN model_review one ON one.document = m.document
WHERE m.since <= ?2 AND coalesce(m.ended, '9999-12-31') >= ?1 AND one.said_on <= ?2 AND m.confirmed >= ?6
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR m.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
ORDER BY m.document, one.year
