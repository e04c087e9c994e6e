-- The wards in which the registered schools lay on the days of the pledge drives held in them.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
WITH RECURSIVE meaning (named, place) AS (
    SELECT place, place FROM drive_row WHERE date BETWEEN ?1 AND ?2 AND place IS NOT NULL
    UNION
    SELECT meaning.named, place.merged_into
    FROM meaning
    JOIN place ON place.place = meaning.place
    WHERE place.status = 'merged' AND place.merged_into IS NOT NULL
)
SELECT DISTINCT d.document, ward.ward
FROM counted_drive d
JOIN ward home ON home.id = d.home
JOIN meaning ON meaning.named = d.place
JOIN place ON place.place = meaning.place
JOIN place_ward stay ON stay.place = place.id
JOIN ward ON ward.id = stay.ward
WHERE d.date BETWEEN ?1 AND ?2 AND d.confirmed >= ?6
  AND place.status = 'registered' AND place.kind = 'school'
  AND d.date BETWEEN stay.valid_from AND coalesce(stay.valid_to, '9999-12-31')
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR d.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
