-- Events, the last column whether the core tells it, by core. ?1 wards (JSON)
SELECT e.core, e.date, e.key, e.kind, e.document = e.core
FROM case_event e
JOIN case_row c ON c.document = e.core
JOIN ward ON ward.id = c.home
WHERE c.archived = 0 AND ward.ward IN (SELECT value FROM json_each(?1))
