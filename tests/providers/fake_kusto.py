"""Fakes of the Kusto family: a cluster (v2, v1, commands) and the query service of Log Analytics with its search."""
import json
import re

from fake import Authority, Refusal, Reply, Request, Service, as_json

COLUMNS = [("TimeGenerated", "datetime"), ("Computer", "string"), ("EventID", "int"), ("Details", "dynamic")]
LIMIT = 500_000


def row(i: int) -> list:
    return [f"2024-05-01T{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}Z", f"WS-{i % 1000:04}", 4624 + i % 3, json.dumps({"n": i})]


def rows_text(count: int):
    """The rows of a result as JSON, in pieces."""
    for begin in range(0, count, 1000):
        yield ",".join('["2024-05-01T%02d:%02d:%02dZ","WS-%04d",%d,"{\\"n\\": %d}"]' % (i // 3600 % 24, i // 60 % 60, i % 60, i % 1000, 4624 + i % 3, i)
                       for i in range(begin, min(begin + 1000, count))).encode() + (b"," if begin + 1000 < count else b"")


TOO_LARGE = "Query result set has exceeded the internal record count limit 500000 (E_QUERY_RESULT_SET_TOO_LARGE; see https://aka.ms/kustoquerylimits)"


class Data:
    """What both services hold: a table of `rows` rows. A query is looked at no further than its table and `take`."""

    def __init__(self, rows: int):
        self.rows = rows
        self.recorded: dict[str, bytes] = {}  # query -> a recorded reply

    def count(self, query: str):
        """How many rows, or None for an unknown table, and whether the service's limit cut them."""
        if query.startswith("print "):
            return 1, False
        if not re.match(r"SecurityEvent\b", query):
            return None, False
        take = re.search(r"\|\s*take (\d+)", query)
        count = min(self.rows, int(take[1])) if take else self.rows
        return (LIMIT, True) if count > LIMIT and "notruncation" not in query else (count, False)


class Kusto(Service):
    def __init__(self, authority: Authority, rows=10):
        super().__init__()
        self.authority, self.data = authority, Data(rows)
        self.partial = False

    def expire(self):
        self.authority.expire()

    def handle(self, request: Request) -> Reply:
        self.authority.check(self, request, self.url + "/.default")
        self.must(request.method == "POST", "Kusto takes POST")
        self.must(request.headers.get("content-type", "").startswith("application/json"), "the body is JSON")
        body = request.json()
        self.must(set(body) <= {"db", "csl", "properties"} and "csl" in body, "the body has db, csl and properties")
        if body["db"] != "Logs":
            return as_json({"error": {"code": "BadRequest_EntityNotFound", "message": "Request is invalid",
                                      "@message": f"Entity ID '{body['db']}' of kind 'Database' was not found.", "@permanent": True}}, 400)
        query = body["csl"]
        if request.path == "/v1/rest/mgmt":
            self.must(query.startswith("."), "commands begin with a dot")
            return self.command(query)
        self.must(request.path in ("/v2/rest/query", "/v1/rest/query"), "a known path")
        self.must(not query.startswith("."), "commands go to mgmt")
        timeout = body["properties"]["Options"]["servertimeout"]
        self.must(re.fullmatch(r"\d\d:\d\d:\d\d", timeout), "servertimeout is a timespan")
        if query in self.data.recorded:
            return Reply(body=self.data.recorded[query])
        count, cut = self.data.count(query)
        if count is None:
            return as_json({"error": {"code": "BadRequest_SemanticError", "message": "Request is invalid and cannot be executed.",
                                      "@message": "Semantic error: SEM0100: 'where' operator: Failed to resolve table or column expression named '" + query.split()[0] + "'",
                                      "innererror": {"code": "SEM0100", "message": "A semantic error occurred.", "@message": "Semantic error: SEM0100: no such table"}}}, 400)
        return Reply(body=self.version_two(count, cut) if request.path.startswith("/v2") else self.version_one(count, cut))

    def version_two(self, count, cut):
        yield b'[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"}\r\n,'
        yield json.dumps({"FrameType": "DataTable", "TableId": 0, "TableKind": "QueryProperties", "TableName": "@ExtendedProperties",
                          "Columns": [{"ColumnName": "TableId", "ColumnType": "int"}, {"ColumnName": "Key", "ColumnType": "string"},
                                      {"ColumnName": "Value", "ColumnType": "dynamic"}], "Rows": [[1, "Visualization", "{}"]]}).encode()
        yield b'\r\n,{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"PrimaryResult","Columns":'
        yield json.dumps([{"ColumnName": n, "ColumnType": t} for n, t in COLUMNS]).encode() + b',"Rows":['
        yield from rows_text(count)
        error = None
        if cut:
            error = {"error": {"code": "LimitsExceeded", "message": "Request aborted due to an internal service error", "@message": TOO_LARGE}}
        elif self.partial:
            error = {"error": {"code": "Internal", "message": "x", "@message": "1 of 16 shards did not answer"}}
        if error:
            yield b"," + json.dumps({"OneApiErrors": [error]}).encode()
        yield b']}\r\n,' + json.dumps({"FrameType": "DataSetCompletion", "HasErrors": bool(error), "Cancelled": False,
                                      **({"OneApiErrors": [error]} if error else {})}).encode() + b"]"

    def version_one(self, count, cut):
        names = {"datetime": "DateTime", "string": "String", "int": "Int32", "dynamic": "Object"}
        yield b'{"Tables":[{"TableName":"Table_0","Columns":'
        yield json.dumps([{"ColumnName": n, "DataType": names[t], "ColumnType": t} for n, t in COLUMNS]).encode() + b',"Rows":['
        yield from rows_text(count)
        status = [2, "Error", -2133196797, TOO_LARGE] if cut else [4, "Info", 0, "Query completed successfully"]
        yield b"]}," + json.dumps(
            {"TableName": "Table_1", "Columns": [{"ColumnName": "Value", "DataType": "String"}], "Rows": [["{}"]]}).encode()
        yield b"," + json.dumps(
            {"TableName": "Table_2", "Columns": [{"ColumnName": n, "DataType": t} for n, t in
                                                 [("Timestamp", "DateTime"), ("Severity", "Int32"), ("SeverityName", "String"),
                                                  ("StatusCode", "Int32"), ("StatusDescription", "String")]],
             "Rows": [["2024-05-01T00:00:00Z", *status]]}).encode()
        yield b"," + json.dumps(
            {"TableName": "Table_3", "Columns": [{"ColumnName": n, "DataType": t} for n, t in
                                                 [("Ordinal", "Int64"), ("Kind", "String"), ("Name", "String"), ("Id", "String")]],
             "Rows": [[0, "QueryResult", "PrimaryResult", "a"], [1, "QueryProperties", "@ExtendedProperties", "b"],
                      [2, "QueryStatus", "QueryStatus", "c"]]}).encode()
        yield b"]}"

    def command(self, query):
        self.must(query == ".show database schema as json", "the schema is asked for as JSON")
        columns = [{"Name": n, "Type": "System.Object", "CslType": t} for n, t in COLUMNS]
        schema = {"Databases": {"Logs": {"Name": "Logs", "Tables": {"SecurityEvent": {"Name": "SecurityEvent", "OrderedColumns": columns, "DocString": "Windows events"}}}}}
        return as_json({"Tables": [{"TableName": "Table_0", "Columns": [{"ColumnName": "DatabaseSchema", "DataType": "String", "ColumnType": "string"}],
                                    "Rows": [[json.dumps(schema)]]}]})


class LogAnalytics(Service):
    WORKSPACES = {"11111111-0000-0000-0000-000000000001": 1, "11111111-0000-0000-0000-000000000002": 2}

    def __init__(self, authority: Authority, rows=10):
        super().__init__()
        self.authority, self.data = authority, Data(rows)
        self.partial = False
        self.managed = b""  # a recorded list of tables of the resource manager

    def expire(self):
        self.authority.expire()

    def handle(self, request: Request) -> Reply:
        self.authority.check(self, request, self.url + "/.default")
        if request.path.startswith("/subscriptions/"):
            self.must(request.method == "GET" and request.query.get("api-version"), "the resource manager wants a version")
            return Reply(body=self.managed)
        match = re.fullmatch(r"/v1/workspaces/([^/]+)/(query|search|metadata)", request.path)
        self.must(match, f"a known path, not {request.path}")
        if match[1] not in self.WORKSPACES:
            return as_json({"error": {"code": "WorkspaceNotFoundError", "message": "The workspace could not be found"}}, 404)
        if match[2] == "metadata":
            self.must(request.method == "GET", "metadata is got")
            return as_json({"tables": [{"name": "SecurityEvent", "columns": [{"name": n, "type": t} for n, t in COLUMNS]}]})
        self.must(request.method == "POST" and request.headers.get("content-type", "").startswith("application/json"), "a query is a POST of JSON")
        body = request.json()
        if match[2] == "search":
            self.must(set(body) == {"query", "start", "end"}, "a search has query, start and end")
            count, _ = self.data.count(body["query"])
            return as_json({"columns": [{"name": n, "type": t} for n, t in COLUMNS], "rows": [row(i) for i in range(count)]})
        self.must(set(body) <= {"query", "timespan", "workspaces"}, "a query has query, timespan and workspaces")
        self.must("timespan" not in body or re.fullmatch(r"\d{4}-[^/]*Z/\d{4}-[^/]*Z", body["timespan"]), "the timespan is an interval")
        self.must(re.search(r"\bwait=\d+", request.headers.get("prefer", "")), "a query says how long it waits")
        if body["query"] in self.data.recorded:
            return Reply(body=self.data.recorded[body["query"]])
        count, cut = self.data.count(body["query"])
        if count is None:
            return as_json({"error": {"message": "The request had some invalid properties", "code": "BadArgumentError", "innererror": {
                "code": "SemanticError", "message": "A semantic error occurred.",
                "innererror": {"code": "SEM0100", "message": f"'where' operator: Failed to resolve table or column expression named '{body['query'].split()[0]}'"}}}}, 400)
        return Reply(body=self.result(count, cut))

    def result(self, count, cut):
        yield b'{"tables":[{"name":"PrimaryResult","columns":' + json.dumps([{"name": n, "type": t} for n, t in COLUMNS]).encode() + b',"rows":['
        yield from rows_text(count)
        yield b"]}]"
        if cut or self.partial:
            message = TOO_LARGE if cut else "Workspace 2 did not answer"
            yield b',"error":' + json.dumps({"code": "PartialError", "message": "There were some errors when processing your query.", "details": [
                {"code": "EngineError", "message": "Something went wrong processing your query on the server.", "innererror": {"code": "-2133196797", "message": message}}]}).encode()
        yield b"}"
