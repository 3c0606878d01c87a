SELECT DeviceName, AccountName, count(DISTINCT Reason) AS reasons, count(*) AS n
FROM (SELECT DeviceName, AccountName, 'logon' AS Reason FROM events WHERE ActionType = 'LogonFailed'
      UNION ALL
      SELECT DeviceName, AccountName, 'download' FROM events
      WHERE FileName = 'certutil.exe' AND ProcessCommandLine ILIKE '%urlcache%'
        AND regexp_matches(ProcessCommandLine, '(^|[^\p{L}\p{N}_])urlcache([^\p{L}\p{N}_]|$)', 'i'))
GROUP BY DeviceName, AccountName HAVING reasons = 2
