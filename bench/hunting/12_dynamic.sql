SELECT ActionType, count(*) AS n, sum(Score) AS total, max(Score) AS top
FROM (SELECT ActionType, AdditionalFields->>'$.result' AS Outcome, CAST(AdditionalFields->>'$.score' AS INTEGER) AS Score FROM events)
WHERE Outcome = 'failed' GROUP BY ActionType
