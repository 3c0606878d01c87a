// Which process started which: a tree from process creation events.
#pragma once
#include "huntbook/result.h"
#include "huntbook/table.h"

namespace huntbook {

/// Builds the process tree of process creation events: Windows 4688 (NewProcessId, NewProcessName, ProcessId,
/// ParentProcessName), Sysmon 1 (ProcessGuid, ParentProcessGuid, Image, ...) or DeviceProcessEvents
/// (ProcessId, InitiatingProcessId ...) or ASIM process events; each row is judged by what it has, other rows
/// are left out.
///
/// A parent is the latest process with the parent's id on the same host that started before the child, or the
/// process with the parent's GUID; a parent that no row shows becomes a placeholder named by the child's
/// event.
///
/// The result is in drawing order (a parent before its children, siblings by time) with the columns
/// NodeId:long, ParentId:long (null at roots), Depth:int, TimeGenerated:datetime (null at placeholders),
/// Computer, ProcessName, ProcessId, CommandLine, Account: string, Row:long (of the input; null at
/// placeholders). Fails with "HB-D010" when the table has none of the column sets.
Result<Table> process_tree(const Table& events);

}  // namespace huntbook
