SELECT FolderPath, FileName, count(*) AS n FROM events
WHERE FolderPath ILIKE 'c:\users%' AND FileName ILIKE '%.exe'
GROUP BY FolderPath, FileName ORDER BY n DESC, FolderPath, FileName LIMIT 20
