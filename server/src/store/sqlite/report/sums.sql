-- Records of a period by home ward, lead and month. SUM leaves NULL out and is NULL when nothing is known.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
SELECT home.ward, v.lead, substr(v.date, 1, 7) || '-01' AS month,
       COUNT(*), SUM(v.sessions), SUM(v.attendance IS NULL),
       SUM(v.sessions * v.media), SUM(v.sessions * (substr(v.date, 6) = '06-26')), SUM(v.open_fields > 0),
       SUM(v.confirmed), SUM(v.standing IS 'edited_since'),
       SUM(v.attendance), SUM(v.pupils), SUM(v.students), SUM(v.youth), SUM(v.workers), SUM(v.residents),
       SUM(v.officials), SUM(v.women), SUM(v.high_risk), SUM(v.households), SUM(v.leaflets), SUM(v.booklets),
       SUM(v.posters), SUM(v.banners), SUM(v.keepsakes)
FROM counted_visit v
JOIN ward home ON home.id = v.home
WHERE v.date BETWEEN ?1 AND ?2 AND v.confirmed >= ?6
  AND home.ward IN (SELECT value FROM json_each(?3))
  AND (home.ward IN (SELECT value FROM json_each(?4)) OR v.document IN (
    SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
    WHERE scope.scope IN (SELECT value FROM json_each(?5))))
GROUP BY v.home, v.lead, month
