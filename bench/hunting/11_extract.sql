SELECT Host, count(*) AS n
FROM (SELECT regexp_extract(ProcessCommandLine, 'https?://([^/ ]+)', 1) AS Host FROM events)
WHERE Host <> '' GROUP BY Host ORDER BY n DESC, Host LIMIT 20
