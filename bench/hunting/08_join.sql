SELECT n.RemoteIP, count(*) AS n
FROM events n JOIN events p ON n.DeviceName = p.DeviceName AND n.ProcessId = p.ProcessId
WHERE n.ActionType = 'ConnectionSuccess' AND n.RemotePort = 4444 AND p.ActionType = 'ProcessCreated' AND p.FileName = 'rundll32.exe'
GROUP BY n.RemoteIP
