SELECT FileName, count(*) AS n FROM events
WHERE regexp_matches(ProcessCommandLine, '(^|[^\p{L}\p{N}_])(urlcache|encodedcommand|whoami|mimikatz|vssadmin)([^\p{L}\p{N}_]|$)', 'i')
GROUP BY FileName
