SELECT AccountName, count(*) AS n FROM events WHERE ProcessCommandLine ILIKE '%-enc%' GROUP BY AccountName
