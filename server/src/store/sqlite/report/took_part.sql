-- What organisations took part in without leading. Who led or took part in a record that another counts for took part in
-- that one.
-- ?1 first day, ?2 last day, ?3 shown wards, ?4 readable wards, ?5 scopes of organisations (JSON), ?6 1 = confirmed alone
WITH own (document, lead, sessions) AS (
    SELECT v.document, v.lead, v.sessions
    FROM counted_visit v
    JOIN ward home ON home.id = v.home
    WHERE v.date BETWEEN ?1 AND ?2 AND v.confirmed >= ?6
      AND home.ward IN (SELECT value FROM json_each(?3))
      AND (home.ward IN (SELECT value FROM json_each(?4)) OR v.document IN (
        SELECT placement.document FROM placement JOIN scope ON scope.id = placement.scope
        WHERE scope.scope IN (SELECT value FROM json_each(?5))))
), partner (document, organisation) AS (
    SELECT own.document, one.organisation
    FROM own JOIN visit_organisation one ON one.document = own.document
    UNION
    SELECT own.document, one.organisation
    FROM own JOIN same_as ON same_as.counted = own.document
    JOIN visit_organisation one ON one.document = same_as.document
    UNION
    SELECT own.document, other.lead
    FROM own JOIN same_as ON same_as.counted = own.document
    JOIN visit_row other ON other.document = same_as.document
    WHERE other.lead IS NOT NULL
)
SELECT partner.organisation, COUNT(*), SUM(own.sessions)
FROM partner JOIN own ON own.document = partner.document
WHERE partner.organisation IS NOT own.lead
GROUP BY partner.organisation
