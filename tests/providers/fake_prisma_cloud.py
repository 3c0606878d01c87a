"""A fake of Prisma Cloud: a login that gives a token, and RQL over four kinds of things."""
import json
import re

from fake import Refusal, Reply, Request, Service, as_json

PLACES = {"/search/api/v1/asset": ("value", 1000), "/search/api/v2/config": ("items", 1000), "/search/event": ("data.items", 10_000), "/search": ("data.nodes", 1000)}


class PrismaCloud(Service):
    def __init__(self, rows=10):
        super().__init__()
        self.rows = rows
        self.tokens: set[str] = set()
        self.logins = 0
        self.cap = 10**9  # how far pages go

    def expire(self):
        self.tokens.clear()

    def handle(self, request: Request) -> Reply:
        if request.path == "/login":
            self.must(request.method == "POST" and request.headers.get("content-type") == "application/json", "a login is a POST of JSON")
            body = request.json()
            if body != {"username": "key-1", "password": 'canary"key'}:
                return as_json({"message": "invalid_credentials " + body["password"]}, 401)
            self.logins += 1
            self.tokens.add(f"canary-prisma-{self.logins}")
            return as_json({"token": f"canary-prisma-{self.logins}", "message": "login_successful"})
        if request.headers.get("x-redlock-auth") not in self.tokens:
            raise Refusal(as_json({"message": "token ended"}, 401))
        if request.path == "/cloud/name":
            return as_json([{"name": "aws-1"}])
        self.must(request.method == "POST" and request.path in PLACES, f"a known path, not {request.path}")
        place, limit = PLACES[request.path]
        body = request.json()
        self.must(set(body) <= {"query", "limit", "timeRange", "withResourceJson", "cloudType", "nextPageToken"}, "the body of a search")
        self.must(1 <= body["limit"] <= limit, f"at most {limit} rows at once")
        times = body["timeRange"]
        self.must(times["type"] in ("relative", "absolute") and set(times["value"]) == ({"unit", "amount"} if times["type"] == "relative" else {"startTime", "endTime"}), "a range of time")
        if "broken" in body["query"]:
            return Reply(400, b"", {"x-redlock-status": '[{"i18nKey":"invalid_query"}]'})
        begin = int(body.get("nextPageToken") or 0)
        end = min(begin + body["limit"], self.rows, self.cap)
        rows = [{"id": f"r{i}", "name": f"n{i}", "size": i, "data": {"region": "eu", "deep": {"a": {"b": 1}}}, "tags": ["x"]} for i in range(begin, end)]
        reply = {"totalRows": self.rows} if place != "data.nodes" else {}
        if end < min(self.rows, self.cap) and place != "data.nodes":
            reply["nextPageToken"] = str(end)
        outer, _, inner = place.partition(".")
        if inner:
            return as_json({outer: {**reply, inner: rows}})
        return as_json({**reply, outer: rows})
