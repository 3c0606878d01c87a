"""Fakes of Microsoft Graph (OData, advanced hunting), of Defender for Endpoint, and of Azure Resource Graph."""
import json
import re

from fake import Authority, Refusal, Reply, Request, Service, as_json

HUNT = [("Timestamp", "DateTime"), ("DeviceName", "String"), ("ProcessId", "Int64"), ("AdditionalFields", "Object")]
HUNT_LIMIT = 100_000


def hunt_row(i: int) -> str:
    return ('{"Timestamp":"2024-05-01T%02d:%02d:%02dZ","Timestamp@odata.type":"#DateTimeOffset","DeviceName":"ws-%d","ProcessId":%d,"AdditionalFields":"{\\"n\\":%d}"}'
            % (i // 3600 % 24, i // 60 % 60, i % 60, i % 9, i, i))


class Cloud(Service):
    """Every service at one address; which one is asked tells the path."""

    def __init__(self, authority: Authority, rows=10):
        super().__init__()
        self.authority, self.rows = authority, rows
        self.page = 100
        self.next_base = self.url  # where next links lead
        self.endless = False

    def expire(self):
        self.authority.expire()

    def handle(self, request: Request) -> Reply:
        self.authority.check(self, request, self.url + "/.default")
        if request.path in ("/v1.0/security/runHuntingQuery", "/api/advancedqueries/run"):
            return self.hunt(request)
        if request.path == "/providers/Microsoft.ResourceGraph/resources":
            return self.resources(request)
        self.must(request.method == "GET" and request.path.startswith("/v1.0/"), f"a known path, not {request.path}")
        return self.collection(request)

    def hunt(self, request: Request) -> Reply:
        graph = request.path.startswith("/v1.0")
        self.must(request.method == "POST" and request.headers.get("content-type", "").startswith("application/json"), "a query is a POST of JSON")
        body = request.json()
        self.must("Query" in body and set(body) <= ({"Query", "Timespan"} if graph else {"Query"}), "the body of a query")
        self.must("Timespan" not in body or re.fullmatch(r"\d{4}-[^/]*Z/\d{4}-[^/]*Z", body["Timespan"]), "the timespan is an interval")
        query = body["Query"]
        if query.endswith("| getschema | project ColumnName, ColumnType"):
            if not query.startswith("DeviceProcessEvents"):
                return as_json({"error": {"code": "BadRequest", "message": f"'{query.split()[0]}' could not be resolved. Fix semantic errors in your query."}}, 400)
            columns = [("ColumnName", "String"), ("ColumnType", "String")]
            kinds = {"DateTime": "datetime", "String": "string", "Int64": "long", "Object": "dynamic"}
            return Reply(body=self.hunted(graph, columns, [json.dumps({"ColumnName": n, "ColumnType": kinds[t]}) for n, t in HUNT]))
        if query.startswith("print"):
            return Reply(body=self.hunted(graph, [("Connected", "Int64")], ['{"Connected":1}']))
        if not query.startswith("DeviceProcessEvents"):
            return as_json({"error": {"code": "BadRequest", "message": f"'{query.split()[0]}' could not be resolved. Fix semantic errors in your query."}}, 400)
        take = re.search(r"\|\s*take (\d+)", query)
        count = min(self.rows, int(take[1]) if take else self.rows, HUNT_LIMIT)
        return Reply(body=self.hunted(graph, HUNT, (hunt_row(i) for i in range(count))))

    def hunted(self, graph, columns, rows):
        a, b, name, kind = ("schema", "results", "name", "type") if graph else ("Schema", "Results", "Name", "Type")
        yield json.dumps({"@odata.context": "x", "Stats": {"dataset_statistics": [{"table_row_count": 1}]}})[:-1].encode()
        yield (',"%s":' % a + json.dumps([{name: n, kind: t} for n, t in columns]) + ',"%s":[' % b).encode()
        piece = []
        first = True
        for text in rows:
            piece.append(text)
            if len(piece) == 500:
                yield (("" if first else ",") + ",".join(piece)).encode()
                piece, first = [], False
        if piece:
            yield (("" if first else ",") + ",".join(piece)).encode()
        yield b"]}"

    def collection(self, request: Request) -> Reply:
        if request.path == "/v1.0/me":
            return as_json({"@odata.context": "x", "displayName": "Ann", "id": "u1"})
        if request.path != "/v1.0/security/alerts_v2":
            return as_json({"error": {"code": "ResourceNotFound", "message": "Resource not found for the segment."}}, 404)
        skip = int(request.query.get("$skiptoken", 0))
        size = min(self.page, int(request.query.get("$top", self.page)))
        count = min(self.rows, int(request.query["$top"])) if "$top" in request.query and not skip else self.rows
        rows = ",".join('{"id":"a%d","severity":"%s","createdDateTime":"2024-05-01T00:00:00.1234567Z","score":%d,"host":{"name":"ws-%d","os":{"kind":"windows"}},'
                        '"evidence":[{"ip":"10.0.0.1"}],"resolvedDateTime":null}' % (i, "high" if i % 2 else "low", i, i) for i in range(skip, min(skip + size, count)))
        reply = {"@odata.context": "x"}
        if skip + size < count:
            reply["@odata.nextLink"] = f"{self.next_base}/v1.0/security/alerts_v2?$filter=x&$skiptoken={0 if self.endless and skip else skip + size}"
        return Reply(body=(json.dumps(reply)[:-1] + ',"value":[' + rows + "]}").encode())

    def resources(self, request: Request) -> Reply:
        self.must(request.method == "POST" and "api-version" in request.query, "resources are asked for by POST with a version")
        body = request.json()
        self.must(set(body) <= {"query", "subscriptions", "managementGroups", "options"}, "the body of a query")
        options = body["options"]
        self.must(options.get("resultFormat") == "table" and 1 <= options["$top"] <= 1000, "at most 1000 rows as a table")
        if not body["query"].lower().startswith("resources"):
            return as_json({"error": {"code": "BadRequest", "message": "Please provide below info when asking for support", "details": [{"code": "InvalidQuery", "message": "Query is invalid."}]}}, 400)
        pages = "project" not in body["query"] or "id" in body["query"]
        skip = int(options.get("$skipToken", 0))
        end = min(skip + options["$top"], self.rows)
        rows = [[f"/subscriptions/s/r{i}", f"r{i}", i, {"sku": {"n": i}}, i % 2 == 0] for i in range(skip, end)]
        reply = {"totalRecords": self.rows, "count": len(rows), "data": {"columns": [
            {"name": "id", "type": "string"}, {"name": "name", "type": "string"}, {"name": "size", "type": "integer"},
            {"name": "properties", "type": "object"}, {"name": "managed", "type": "boolean"}], "rows": rows}, "facets": [],
            "resultTruncated": "false" if end == self.rows or pages else "true"}
        if end < self.rows and pages:
            reply["$skipToken"] = str(end)
        return as_json(reply)
