SELECT date_trunc('hour', Timestamp) AS t, count(*) AS n
FROM events
WHERE Timestamp BETWEEN TIMESTAMP '2024-03-05' AND TIMESTAMP '2024-03-20'
GROUP BY t
