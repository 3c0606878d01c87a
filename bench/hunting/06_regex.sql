SELECT FolderPath, count(*) AS n FROM events
WHERE regexp_matches(ProcessCommandLine, 'https?://[a-z0-9]+\.example/[0-9a-f]{8,}') GROUP BY FolderPath
