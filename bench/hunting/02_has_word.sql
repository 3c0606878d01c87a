SELECT DeviceName, count(*) AS n
FROM events
WHERE ProcessCommandLine ILIKE '%whoami%'
  AND regexp_matches(ProcessCommandLine, '(^|[^\p{L}\p{N}_])whoami([^\p{L}\p{N}_]|$)', 'i')
GROUP BY DeviceName ORDER BY n DESC, DeviceName LIMIT 10
