"""A fake of Sumo Logic: search jobs that live behind a cookie, messages and records."""
import json
import re

from fake import Refusal, Reply, Request, Service, as_json

FIELDS = [("_messagetime", "long"), ("_sourcehost", "string"), ("_size", "int"), ("ratio", "double"), ("_raw", "string")]


class SumoLogic(Service):
    def __init__(self, rows=10):
        super().__init__()
        self.rows = rows
        self.jobs: dict[str, dict] = {}
        self.warnings: list[str] = []
        self.made = 0

    def handle(self, request: Request) -> Reply:
        if request.headers.get("authorization") != "Basic aWQxOmNhbmFyeWtleQ==":  # id1:canarykey
            raise Refusal(as_json({"status": 401, "id": "x", "code": "unauthorized", "message": "Credential could not be verified."}, 401))
        if request.path == "/v1/collectors":
            return as_json({"collectors": []})
        if request.path == "/v1/partitions":
            return as_json({"data": [{"name": "sumologic_default"}, {"name": "security"}]})
        if request.path == "/v1/search/jobs":
            body = request.json()
            self.must(request.method == "POST" and set(body) == {"query", "from", "to", "timeZone", "byReceiptTime"}, "the body of a job")
            self.must(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", body[k]) for k in ("from", "to")), "times without a zone")
            if body["query"].startswith("|"):
                return as_json({"status": 400, "id": "x", "code": "parse.error", "message": "Unexpected token | found."}, 400)
            self.made += 1
            self.jobs[f"J{self.made}"] = {"looks": 0, "records": "count" in body["query"], "query": body["query"]}
            return Reply(202, json.dumps({"id": f"J{self.made}", "link": {"rel": "self"}}).encode(),
                         {"Set-Cookie": f"AWSELB=canary-node-{self.made}; Path=/; HttpOnly"})
        match = re.fullmatch(r"/v1/search/jobs/(J\d+)(?:/(messages|records))?", request.path)
        self.must(match and match[1] in self.jobs, f"a known job, not {request.path}")
        self.must(f"AWSELB=canary-node-{match[1][1:]}" in request.headers.get("cookie", ""), "the cookie of the job comes back")
        job = self.jobs[match[1]]
        if request.method == "DELETE":
            del self.jobs[match[1]]
            return as_json({"id": match[1]})
        if not match[2]:
            job["looks"] += 1
            done = job["looks"] > 1
            return as_json({"state": "DONE GATHERING RESULTS" if done else "GATHERING RESULTS", "messageCount": self.rows if done else 3,
                            "recordCount": 2 if done and job["records"] else 0, "pendingErrors": [], "pendingWarnings": self.warnings, "histogramBuckets": []})
        self.must(job["looks"] > 1 and match[2] == ("records" if job["records"] else "messages"), "results when the job is done")
        if job["records"]:
            return as_json({"fields": [{"name": "host", "fieldType": "string", "keyField": True}, {"name": "_count", "fieldType": "int", "keyField": False}],
                            "records": [{"map": {"host": "a", "_count": "7"}}, {"map": {"host": "b", "_count": "3"}}]})
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        self.must(1 <= limit <= 10_000, "at most 10000 messages at once")
        return Reply(body=self.messages(offset, min(offset + limit, self.rows)))

    def messages(self, begin, end):
        yield b'{"fields":' + json.dumps([{"name": n, "fieldType": t, "keyField": False} for n, t in FIELDS]).encode() + b',"messages":['
        for at in range(begin, end, 500):
            yield (("," if at > begin else "") + ",".join('{"map":{"_messagetime":"%d","_sourcehost":"h%d","_size":"%d","ratio":"0.5","_raw":"line %d"}}'
                                                          % (1714521600000 + i * 1000, i % 5, i, i) for i in range(at, min(at + 500, end)))).encode()
        yield b"]}"
