-- Stays of registered places within a period. ?1 first day, ?2 last day, ?3 shown wards (JSON)
SELECT stay.place, place.kind, ward.ward
FROM place_ward stay
JOIN place ON place.id = stay.place
JOIN ward ON ward.id = stay.ward
WHERE place.status = 'registered'
  AND place.kind IN ('school', 'agency', 'residential_group', 'industrial_zone')
  AND stay.valid_from <= ?2 AND coalesce(stay.valid_to, '9999-12-31') >= ?1
  AND ward.ward IN (SELECT value FROM json_each(?3))
ORDER BY stay.place, ward.ward
