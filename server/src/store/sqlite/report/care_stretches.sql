-- Other intervals from a day on, by core. ?1 wards (JSON)
SELECT s.document, s.from_day, s.key, s.every_days
FROM case_stretch s
JOIN case_row c ON c.document = s.document
JOIN ward ON ward.id = c.home
WHERE c.archived = 0 AND ward.ward IN (SELECT value FROM json_each(?1))
