SELECT CASE RemotePort WHEN 443 THEN 'https' WHEN 80 THEN 'http' WHEN 53 THEN 'dns' ELSE 'other' END AS Kind,
       date_trunc('day', Timestamp)::TIMESTAMP AS t, count(*) AS n
FROM events WHERE RemoteIP <> '' GROUP BY Kind, t
