-- Pledge drives of a period, oldest first. A place that was merged stands for the one it was merged into; its kind is
-- NULL when the register does not know it.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
WITH RECURSIVE meaning (named, place) AS (
    SELECT place, place FROM drive_row WHERE date BETWEEN ?1 AND ?2 AND place IS NOT NULL
    UNION
    SELECT meaning.named, place.merged_into
    FROM meaning
    JOIN place ON place.place = meaning.place
    WHERE place.status = 'merged' AND place.merged_into IS NOT NULL
)
SELECT d.document, document.document, home.ward, d.year, coalesce(meant.place, d.place), meant.kind, d.campaign,
       d.lead, d.open_fields > 0
FROM counted_drive d
JOIN document ON document.id = d.document
JOIN ward home ON home.id = d.home
LEFT JOIN (
    SELECT meaning.named, place.place, place.kind FROM meaning JOIN place ON place.place = meaning.place
    WHERE place.status <> 'merged' OR place.merged_into IS NULL
) meant ON meant.named = d.place
WHERE d.date BETWEEN ?1 AND ?2 AND d.confirmed >= ?6
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR d.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
ORDER BY d.date, document.document
