-- Places and the wards in which they lay when a record of the period reached them. A place that was merged stands for
-- the one it was merged into; loudspeaker, posts and articles never cover a school.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
WITH RECURSIVE meaning (named, place) AS (
    SELECT place, place FROM place
    UNION
    SELECT meaning.named, place.merged_into
    FROM meaning
    JOIN place ON place.place = meaning.place
    WHERE place.status = 'merged' AND place.merged_into IS NOT NULL
)
SELECT DISTINCT stay.place, ward.ward
FROM counted_visit v
JOIN visit_place reached ON reached.document = v.document
JOIN meaning ON meaning.named = reached.place
JOIN place ON place.place = meaning.place
JOIN place_ward stay ON stay.place = place.id
JOIN ward ON ward.id = stay.ward
WHERE v.date BETWEEN ?1 AND ?2 AND v.confirmed >= ?6
  AND place.status = 'registered'
  AND place.kind IN ('school', 'agency', 'residential_group', 'industrial_zone')
  AND NOT (v.media = 1 AND place.kind = 'school')
  AND v.date BETWEEN stay.valid_from AND coalesce(stay.valid_to, '9999-12-31')
  AND ward.ward IN (SELECT value FROM json_each(?3))
  AND (ward.ward IN (SELECT value FROM json_each(?4)) OR v.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
