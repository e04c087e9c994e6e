-- Media sessions by home ward, lead and day. ?1 first day, ?2 last day, ?3 readable wards (JSON)
SELECT home.ward, v.lead, v.date, SUM(v.sessions)
FROM visit_row v
JOIN ward home ON home.id = v.home
WHERE v.date BETWEEN ?1 AND ?2 AND v.archived = 0 AND v.media = 1
  AND home.ward IN (SELECT value FROM json_each(?3))
GROUP BY v.home, v.lead, v.date
