SELECT FileName, count(*) AS n, min(Timestamp), max(Timestamp)
FROM events WHERE lower(FileName) IN ('cmd.exe', 'powershell.exe', 'wscript.exe') GROUP BY FileName
