SELECT Timestamp, DeviceName, RemoteIP, RemotePort, ProcessCommandLine FROM events
WHERE RemotePort IN (4444, 8080) ORDER BY Timestamp DESC LIMIT 100
