"""Fakes of Elasticsearch and OpenSearch: mappings, ES|QL, searches over a point in time."""
import json
import re

from fake import Refusal, Reply, Request, Service, as_json

WINDOW = 10_000
MAPPING = {"properties": {"@timestamp": {"type": "date"}, "host": {"properties": {"name": {"type": "keyword"}}}, "bytes": {"type": "long"},
                          "ratio": {"type": "float"}, "ok": {"type": "boolean"}, "tags": {"type": "keyword"}}}
COLUMNS = [("@timestamp", "date"), ("host.name", "keyword"), ("bytes", "long"), ("ratio", "double"), ("ok", "boolean"), ("tags", "keyword")]


def source(i: int) -> str:
    return ('{"@timestamp":"2024-05-01T%02d:%02d:%02d.000Z","host":{"name":"ws-%d"},"bytes":%d,"ratio":%d,"ok":%s,"tags":%s}'
            % (i // 3600 % 24, i // 60 % 60, i % 60, i % 7, i, i % 3, "true" if i % 2 else "false", '["a","b"]' if i % 2 else '"a"'))


class Elastic(Service):
    def __init__(self, rows=10, opensearch=False, key="canary-key"):
        super().__init__()
        self.rows, self.opensearch, self.key = rows, opensearch, key
        self.points: dict[str, int] = {}
        self.opened = 0
        self.failed_shards = 0
        self.timed_out = False

    def handle(self, request: Request) -> Reply:
        sent = request.headers.get("authorization", "")
        if sent != f"ApiKey {self.key}" and sent != "Basic YW5uOmNhbmFyeTpwYXNz":  # ann:canary:pass
            raise Refusal(as_json({"error": {"root_cause": [], "type": "security_exception", "reason": f"unable to authenticate with {sent}"}, "status": 401}, 401))
        if request.path == "/":
            return as_json({"name": "n", "version": {"number": "8.14.0"}})
        if re.fullmatch(r"/[^/]+/_mapping", request.path):
            return as_json({"logs-1": {"mappings": MAPPING}, "logs-2": {"mappings": MAPPING}, ".hidden": {"mappings": MAPPING}})
        if request.path == "/_query":
            return self.query(request)
        path = r"/([^/]+)/_search/point_in_time" if self.opensearch else r"/([^/]+)/_pit"
        if re.fullmatch(path, request.path):
            self.must(request.method == "POST" and "keep_alive" in request.query, "a point in time has a keep_alive")
            self.opened += 1
            self.points[f"p{self.opened}"] = self.rows
            return as_json({"pit_id" if self.opensearch else "id": f"p{self.opened}"})
        if request.path == ("/_search/point_in_time" if self.opensearch else "/_pit"):
            self.must(request.method == "DELETE", "points in time are closed")
            ids = request.json()["pit_id" if self.opensearch else "id"]
            for point in ids if self.opensearch else [ids]:
                del self.points[point]
            return as_json({"succeeded": True})
        self.must(request.path == "/_search" and request.method == "POST", f"a known path, not {request.path}")
        return self.search(request.json())

    def query(self, request: Request) -> Reply:
        self.must(request.method == "POST" and not self.opensearch, "ES|QL is Elasticsearch's")
        body = request.json()
        self.must(set(body) <= {"query", "filter"}, "query and filter")
        if not body["query"].upper().startswith("FROM LOGS"):
            return as_json({"error": {"root_cause": [{"type": "verification_exception", "reason": "Found 1 problem"}], "type": "verification_exception",
                                      "reason": "Found 1 problem\nline 1:6: Unknown index [nope]"}, "status": 400}, 400)
        limit = re.search(r"LIMIT (\d+)", body["query"], re.I)
        count = min(self.rows, int(limit[1]) if limit else 1000, WINDOW)
        return Reply(body=self.rows_text(count))

    def rows_text(self, count):
        yield ('{"took":1,"is_partial":%s,"columns":' % ("true" if self.timed_out else "false") + json.dumps([{"name": n, "type": t} for n, t in COLUMNS]) + ',"values":[').encode()
        for at in range(0, count, 500):
            piece = []
            for i in range(at, min(at + 500, count)):
                s = json.loads(source(i))
                piece.append(json.dumps([s["@timestamp"], s["host"]["name"], s["bytes"], s["ratio"], s["ok"], s["tags"]]))
            yield ((",") if at else "").encode() + ",".join(piece).encode()
        yield b"]}"

    def search(self, body: dict) -> Reply:
        self.must(set(body) <= {"size", "query", "sort", "pit", "search_after", "track_total_hits", "aggs", "_source"}, f"a search body, not {sorted(body)}")
        point = body["pit"]["id"]
        self.must(point in self.points and body["pit"]["keep_alive"], "an open point in time")
        self.must(0 <= body["size"] <= WINDOW and body["sort"], "at most a window, in an order")
        if "broken" in json.dumps(body["query"]):
            return as_json({"error": {"type": "parsing_exception", "reason": "unknown query [broken]"}, "status": 400}, 400)
        begin = int(body["search_after"][0]) + 1 if "search_after" in body else 0
        return Reply(body=self.hits(point, begin, min(begin + body["size"], self.points[point]), body))

    def hits(self, point, begin, end, body):
        shards = {"total": 5, "successful": 5 - self.failed_shards, "failed": self.failed_shards}
        if self.failed_shards:
            shards["failures"] = [{"shard": 1, "reason": {"type": "x", "reason": "disk \x1b[31m gone"}}]
        yield json.dumps({"pit_id": point, "took": 1, "timed_out": self.timed_out, "_shards": shards})[:-1].encode() + b',"hits":{"max_score":null,"hits":['
        for at in range(begin, end, 500):
            yield (("," if at > begin else "") + ",".join('{"_index":"logs-1","_id":"i%d","_score":null,"_source":%s,"sort":[%d]}' % (i, source(i), i)
                                                          for i in range(at, min(at + 500, end)))).encode()
        yield b"]}"
        if "aggs" in body:
            yield b',"aggregations":{"by_host":{"buckets":[{"key":"ws-1","doc_count":3}]}}'
        yield b"}"
