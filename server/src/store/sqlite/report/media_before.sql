-- Media sessions by home ward, lead and day.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
SELECT home.ward, v.lead, v.date, SUM(v.sessions)
FROM counted_visit v
JOIN ward home ON home.id = v.home
WHERE v.date BETWEEN ?1 AND ?2 AND v.media = 1 AND v.confirmed >= ?6
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR v.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
GROUP BY v.home, v.lead, v.date
