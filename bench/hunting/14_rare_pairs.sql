SELECT FileName, InitiatingProcessFileName, count(*) AS n, min(Timestamp)
FROM events WHERE ActionType = 'ProcessCreated'
GROUP BY FileName, InitiatingProcessFileName HAVING n < 5
