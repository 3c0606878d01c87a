SELECT DeviceName, max(Timestamp), arg_max(AccountName, Timestamp) FROM events WHERE ActionType = 'LogonSuccess' GROUP BY DeviceName
