-- Wards that records made elsewhere reached. ?1 first day, ?2 last day, ?3 readable wards (JSON)
SELECT DISTINCT ward.ward
FROM visit_row v
JOIN visit_ward reached ON reached.document = v.document
JOIN ward ON ward.id = reached.ward
WHERE v.date BETWEEN ?1 AND ?2 AND v.archived = 0
  AND ward.ward IN (SELECT value FROM json_each(?3))
