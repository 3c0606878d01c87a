SELECT FileName, count(*) AS n, avg(length(ProcessCommandLine)) AS average, max(length(ProcessCommandLine)) AS longest
FROM events GROUP BY FileName HAVING longest > 90
