"""A fake of Cybereason: a login page that gives a session, and visual searches."""
import json

from fake import Refusal, Reply, Request, Service, as_json


def element(i: int) -> str:
    return ('"guid-%d":{"simpleValues":{"elementDisplayName":{"totalValues":1,"values":["proc-%d"]},"creationTime":{"totalValues":1,"values":["%d"]},'
            '"pid":{"totalValues":1,"values":["%d"]},"flags":{"totalValues":2,"values":["a","b"]}},"elementValues":{"ownerMachine":{"totalValues":1,'
            '"elementValues":[{"elementType":"Machine","guid":"m%d","name":"ws-%d","hasSuspicions":false}]}},"suspicions":{},"isMalicious":false}'
            % (i, i, 1714521600000 + i * 1000, i, i % 3, i % 3))


class Cybereason(Service):
    def __init__(self, rows=10):
        super().__init__()
        self.rows = rows
        self.sessions: set[str] = set()
        self.logins = 0
        self.status = "SUCCESS"

    def expire(self):
        self.sessions.clear()

    def handle(self, request: Request) -> Reply:
        if request.path == "/login.html":
            self.must(request.method == "POST" and not request.query, "the password stands in the form")
            form = request.form()
            self.must(set(form) == {"username", "password"}, "the login form")
            if (form["username"], form["password"]) != ("ann", "canary&pass"):
                return Reply(302, b"", {"Location": "/login.html?error=bad&password=" + "canary%26pass"})
            self.logins += 1
            self.sessions.add(f"canary{self.logins}")
            return Reply(302, b"", {"Location": "/", "Set-Cookie": f"JSESSIONID=canary{self.logins}; Path=/; Secure; HttpOnly"})
        if request.headers.get("cookie", "").removeprefix("JSESSIONID=") not in self.sessions:
            raise Refusal(as_json({"error": {"message": "session ended"}}, 401))
        if request.path == "/rest/sensors/query/version":
            return as_json({"data": {"version": "23.2"}})
        self.must(request.path == "/rest/visualsearch/query/simple" and request.method == "POST", f"a known path, not {request.path}")
        body = request.json()
        self.must(set(body) >= {"queryPath", "totalResultLimit", "perGroupLimit", "perFeatureLimit", "templateContext", "queryTimeout"}, "the limits of a search")
        self.must(body["totalResultLimit"] <= 100_000, "at most 100000 elements")
        if body["queryPath"] == []:
            return as_json({"status": "FAILURE", "message": "Query path is empty", "data": {}})
        return Reply(body=self.elements(min(self.rows, body["totalResultLimit"])))

    def elements(self, count):
        yield b'{"data":{"resultIdToElementDataMap":{'
        for at in range(0, count, 500):
            yield (("," if at else "") + ",".join(element(i) for i in range(at, min(at + 500, count)))).encode()
        yield b'},"totalPossibleResults":%d,"guessedPossibleResults":0},"status":"%s","message":"sensors are %s"}' % (self.rows, self.status.encode(), b"late")
