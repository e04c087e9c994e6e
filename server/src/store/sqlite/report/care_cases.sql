-- Cases that were not removed, by their core. ?1 wards (JSON)
SELECT c.document, ward.ward, c.status, c.since, c.until, c.every_days, c.next_due
FROM case_row c
JOIN ward ON ward.id = c.home
WHERE c.archived = 0 AND ward.ward IN (SELECT value FROM json_each(?1))
