SELECT AccountName, count(*) AS n
FROM (SELECT AccountName, Timestamp - lag(Timestamp) OVER (PARTITION BY AccountName ORDER BY Timestamp) AS Gap
      FROM events WHERE ActionType = 'LogonFailed')
WHERE Gap < INTERVAL 2 MINUTE GROUP BY AccountName
