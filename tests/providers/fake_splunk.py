"""A fake search head: login, jobs with pages, export, saved searches, indexes."""
import json
import re
import urllib.parse

from fake import Refusal, Reply, Request, Service, as_json

PAGE = 50_000  # more the service does not give at once


def event(i: int) -> dict:
    return {"_time": f"2024-05-01T{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}.000+00:00", "host": f"web-{i % 7}",
            "status": str(200 + i % 3), "bytes": "0" if i % 2 else "1.5", "code": f"{i % 10:03}", "_raw": f"GET /{i}",
            "tags": ["a", "b"] if i % 2 else "a"}


def event_text(i: int) -> str:
    """The same as JSON, written by hand for speed."""
    return ('{"_time":"2024-05-01T%02d:%02d:%02d.000+00:00","host":"web-%d","status":"%d","bytes":"%s","code":"%03d","_raw":"GET /%d","tags":%s}'
            % (i // 3600 % 24, i // 60 % 60, i % 60, i % 7, 200 + i % 3, "0" if i % 2 else "1.5", i % 10, i, '["a","b"]' if i % 2 else '"a"'))


class Splunk(Service):
    def __init__(self, rows=10, token="canary-splunk-token", user="ann", password="canary&pass"):
        super().__init__()
        self.rows, self.token, self.user, self.password = rows, token, user, password
        self.keys: set[str] = set()
        self.logins = 0
        self.jobs: dict[str, dict] = {}
        self.looks = 2  # how often a job is looked at before it is done
        self.stored = 10**9  # how many results a job keeps, whatever is asked for
        self.messages: list[dict] = []
        self.next = 0

    def expire(self):
        self.keys.clear()

    def refuse(self, status, text, kind="FATAL"):
        raise Refusal(as_json({"messages": [{"type": kind, "text": text}]}, status))

    def handle(self, request: Request) -> Reply:
        form = request.form() if request.method == "POST" else request.query
        if request.path == "/services/auth/login":
            self.must(request.method == "POST" and not request.query, "a password is no part of an address")
            self.must(set(form) == {"username", "password", "output_mode"}, "the login form")
            if (form["username"], form["password"]) != (self.user, self.password):
                self.refuse(401, f"Login failed for {form['password']}", "WARN")
            self.logins += 1
            self.keys.add(f"canary-key-{self.logins}")
            return as_json({"sessionKey": f"canary-key-{self.logins}"})
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        if not (scheme == "Bearer" and sent == self.token or scheme == "Splunk" and sent in self.keys):
            self.refuse(401, "call not properly authenticated", "WARN")
        self.must(form.get("output_mode") == "json" or request.method == "DELETE", "output_mode is json")
        path = re.sub(r"^/(services|servicesNS/[^/]+/[^/]+)", "", request.path)
        if path == "/server/info":
            return as_json({"entry": [{"name": "server-info", "content": {"version": "9.1"}}]})
        if path == "/data/indexes":
            return as_json({"entry": [{"name": "main", "content": {"totalEventCount": self.rows}}, {"name": "_internal", "content": {"totalEventCount": "7"}}]})
        if path == "/saved/searches":
            return as_json({"entry": [{"name": "Failed logons", "content": {"search": "index=main action=failure", "description": "By user"}}]})
        if path == "/search/jobs/export":
            return Reply(body=self.export(self.search(request, form)))
        if path == "/search/jobs" and request.method == "POST":
            return self.begin(self.search(request, form), form)
        match = re.fullmatch(r"/search/jobs/([^/]+)(/results)?", path)
        self.must(match, f"a known path, not {path}")
        job = self.jobs.get(match[1])
        if job is None:
            self.refuse(404, "Unknown sid.")
        if request.method == "DELETE":
            del self.jobs[match[1]]
            return as_json({"messages": [{"type": "INFO", "text": "Search job cancelled."}]})
        self.must(request.method == "GET", "jobs are looked at with GET")
        if not match[2]:
            job["looks"] += 1
            done = job["looks"] > self.looks
            failed = done and job["search"].startswith("search broken")
            return as_json({"entry": [{"name": job["search"], "content": {
                "dispatchState": "FAILED" if failed else "DONE" if done else "RUNNING", "isDone": done, "isFailed": failed,
                "resultCount": job["count"] if done else 0, "messages": [{"type": "FATAL", "text": "Unknown search command 'broken'."}] if failed else self.messages}}]})
        self.must(job["looks"] > self.looks, "results are fetched when the job is done")
        count, offset = min(int(form["count"]) or PAGE, PAGE), int(form["offset"])
        return Reply(body=self.page(offset, min(offset + count, job["count"])))

    def search(self, request: Request, form: dict) -> str:
        self.must(request.method == "POST", "a search is a POST")
        self.must(form["search"].startswith(("search ", "|")), "a search begins with a command")
        for end in ("earliest_time", "latest_time"):
            self.must(end not in form or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", form[end]), "times are ISO 8601")
        return form["search"]

    def size(self, search: str) -> int:
        head = re.search(r"\|\s*head (\d+)", search)
        return min(self.rows, int(head[1])) if head else self.rows

    def begin(self, search: str, form: dict) -> Reply:
        self.next += 1
        sid = f"17000.{self.next}"
        self.jobs[sid] = {"search": search, "looks": 0, "count": min(self.size(search), int(form.get("max_count", 500_000)), self.stored)}
        return as_json({"sid": sid}, 201)

    def page(self, begin: int, end: int):
        yield b'{"preview":false,"init_offset":%d,"messages":[],"fields":[{"name":"_time"},{"name":"host"},{"name":"status"}],"results":[' % begin
        for at in range(begin, end, 1000):
            yield ",".join(event_text(i) for i in range(at, min(at + 1000, end))).encode() + (b"," if at + 1000 < end else b"")
        yield b"]}"

    def export(self, search: str):
        count = self.size(search)
        for at in range(0, count, 1000):
            yield "".join('{"preview":false,"offset":%d,%s"result":%s}\n' % (i, '"lastrow":true,' if i == count - 1 else "", event_text(i))
                          for i in range(at, min(at + 1000, count))).encode()
