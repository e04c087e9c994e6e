-- Check-ins that have a day and were not removed, by core. ?1 wards (JSON)
SELECT i.core, i.date, i.met, i.next_due
FROM check_in_row i
JOIN case_row c ON c.document = i.core
JOIN ward ON ward.id = c.home
WHERE c.archived = 0 AND i.archived = 0 AND i.date IS NOT NULL AND ward.ward IN (SELECT value FROM json_each(?1))
