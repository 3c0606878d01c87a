"""A fake of OpenObserve: SQL searches with pages, streams with their schemas."""
import json
import re

from fake import Refusal, Reply, Request, Service, as_json


class OpenObserve(Service):
    def __init__(self, rows=10):
        super().__init__()
        self.rows = rows
        self.partial, self.problem = False, ""

    def handle(self, request: Request) -> Reply:
        if request.headers.get("authorization") != "Basic YW5uQGV4YW1wbGUub3JnOmNhbmFyeXBhc3M=":  # ann@example.org:canarypass
            raise Refusal(Reply(401, b"Unauthorized Access", type="text/plain"))
        if request.path == "/api/acme/streams":
            return as_json({"list": [{"name": "default", "stream_type": "logs", "schema": [
                {"name": "_timestamp", "type": "Int64"}, {"name": "message", "type": "Utf8"}, {"name": "ratio", "type": "Float64"}]}]})
        self.must(request.path == "/api/acme/_search" and request.method == "POST", f"a known path, not {request.path}")
        query = request.json()["query"]
        self.must(set(query) == {"sql", "start_time", "end_time", "from", "size"}, "the body of a search")
        self.must(all(isinstance(query[k], int) for k in ("start_time", "end_time", "from", "size")) and query["size"] <= 10_000, "numbers, and at most 10000 hits")
        if "FROM" not in query["sql"]:
            return as_json({"code": 400, "message": "Search SQL error: expected FROM"}, 400)
        return Reply(body=self.hits(query["from"], min(query["from"] + query["size"], self.rows)))

    def hits(self, begin, end):
        yield json.dumps({"took": 1, "total": self.rows, "from": begin, "is_partial": self.partial, "function_error": self.problem})[:-1].encode() + b',"hits":['
        for at in range(begin, end, 500):
            yield (("," if at > begin else "") + ",".join('{"_timestamp":%d,"message":"line %d","ratio":%d.5,"ok":%s}'
                                                          % (1714521600000000 + i * 1000000, i, i % 4, "true" if i % 2 else "false") for i in range(at, min(at + 500, end)))).encode()
        yield b"]}"
