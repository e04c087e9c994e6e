-- Wards that records made elsewhere reached.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
SELECT DISTINCT ward.ward
FROM counted_visit v
JOIN visit_ward reached ON reached.document = v.document
JOIN ward ON ward.id = reached.ward
WHERE v.date BETWEEN ?1 AND ?2 AND v.confirmed >= ?6
  AND ward.ward IN (SELECT value FROM json_each(?3))
  AND (ward.ward IN (SELECT value FROM json_each(?4)) OR v.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
