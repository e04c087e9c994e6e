-- Support, by core. ?1 wards (JSON)
SELECT s.core, s.date, s.kind, s.given
FROM case_support s
JOIN case_row c ON c.document = s.core
JOIN ward ON ward.id = c.home
WHERE c.archived = 0 AND ward.ward IN (SELECT value FROM json_each(?1))
