SELECT RemotePort, count(*) AS n, count(DISTINCT DeviceName) AS devices FROM events
WHERE RemoteIP <> '' AND NOT regexp_matches(RemoteIP, '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)')
GROUP BY RemotePort
