-- Visits of a period by home ward, lead and campaign: sessions, and the workers among those who came, as far as known,
-- where an industrial zone or a boarding house is named. A place that was merged stands for the one it was merged into.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
WITH RECURSIVE meaning (named, place) AS (
    SELECT reached.place, reached.place
    FROM counted_visit v
    JOIN visit_place reached ON reached.document = v.document
    WHERE v.date BETWEEN ?1 AND ?2 AND v.workers IS NOT NULL
    UNION
    SELECT meaning.named, place.merged_into
    FROM meaning
    JOIN place ON place.place = meaning.place
    WHERE place.status = 'merged' AND place.merged_into IS NOT NULL
), workplace (named) AS (
    SELECT meaning.named FROM meaning JOIN place ON place.place = meaning.place
    WHERE (place.status <> 'merged' OR place.merged_into IS NULL)
      AND place.kind IN ('industrial_zone', 'boarding_house')
)
SELECT home.ward, v.lead, v.campaign, SUM(v.sessions),
       coalesce(SUM(v.workers) FILTER (WHERE EXISTS (
         SELECT 1 FROM visit_place reached
         WHERE reached.document = v.document AND reached.place IN (SELECT named FROM workplace))), 0)
FROM counted_visit v
JOIN ward home ON home.id = v.home
WHERE v.date BETWEEN ?1 AND ?2 AND v.confirmed >= ?6
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR v.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
GROUP BY v.home, v.lead, v.campaign
