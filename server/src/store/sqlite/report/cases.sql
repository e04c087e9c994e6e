-- Cases that were not removed, by home ward and status. ?1 wards (JSON)
SELECT ward.ward, c.status, COUNT(*)
FROM case_row c
JOIN ward ON ward.id = c.home
WHERE c.archived = 0 AND ward.ward IN (SELECT value FROM json_each(?1))
GROUP BY c.home, c.status
