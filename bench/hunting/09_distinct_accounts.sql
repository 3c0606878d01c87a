SELECT DeviceName, count(*) AS accounts
FROM (SELECT DISTINCT DeviceName, AccountName FROM events WHERE ActionType LIKE 'Logon%')
GROUP BY DeviceName HAVING accounts > 100
