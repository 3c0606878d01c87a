#!/usr/bin/env python3
"""Splunk end to end: splunk_test.py HUNTBOOK SOURCE_DIR."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common import ProviderTest
from fake import Fault
from fake_splunk import Splunk, event


class SplunkTest(ProviderTest):
    def setUp(self):
        super().setUp()
        self.service = self.start(Splunk())
        self.environment |= {"SPLUNK_TOKEN": self.service.token, "SPLUNK_PASSWORD": self.service.password}
        self.set_up(token={"env": "SPLUNK_TOKEN"})

    def set_up(self, **more):
        self.settings({"provider": "Splunk", "host": self.service.url, **more})

    def test_connects_and_lists(self):
        self.assertEqual(self.run_it("connect", "prod").stdout, "connected to `prod`\n")
        done = self.run_it("connect", "prod", "--schema", "-o", "json")
        self.assertEqual(json.loads(done.stdout)["rows"], [["main", "", "", "index of 10 events"], ["_internal", "", "", "index of 7 events"]])
        done = self.run_it("connect", "prod", "--queries", "-o", "json")
        self.assertEqual(json.loads(done.stdout)["rows"], [["Failed logons", "By user", "index=main action=failure", ""]])

    def test_runs(self):
        for mode in ("job", "export"):
            self.set_up(token={"env": "SPLUNK_TOKEN"}, mode=mode)
            answer = self.query("index=main | head 2", "--start", "2024-05-01", "--end", "2024-05-02")
            self.assertEqual({c["name"]: c["type"] for c in answer["columns"]},
                             {"_time": "datetime", "host": "string", "status": "long", "bytes": "real" if mode == "x" else "real",
                              "code": "string", "_raw": "string", "tags": "dynamic"})
            names = [c["name"] for c in answer["columns"]]
            self.assertEqual(dict(zip(names, answer["rows"][1])),
                             {"_time": "2024-05-01T00:00:01.0000000Z", "host": "web-1", "status": 201, "bytes": 0.0, "code": "001", "_raw": "GET /1", "tags": ["a", "b"]})
            posted = [r.form() for r in self.service.requests if r.method == "POST"][-1]
            self.assertEqual((posted["search"], posted["earliest_time"], posted["latest_time"]),
                             ("search index=main | head 2", "2024-05-01T00:00:00.000Z", "2024-05-02T00:00:00.000Z"))
        self.assertEqual(self.service.jobs, {}, "jobs are taken away when they are read")
        self.assertEqual(len(self.query("| tstats count")["rows"]), 10)

    def test_pages_to_the_true_end(self):
        self.service.rows = 1_234_567
        self.assertEqual(self.lines("index=main"), (1_234_567, ""))
        self.assertEqual(self.service.count("/results"), 25)
        self.set_up(token={"env": "SPLUNK_TOKEN"}, mode="export")
        self.assertEqual(self.lines("index=main"), (1_234_567, ""))

    def test_what_the_service_cut_is_said(self):
        self.service.messages = [{"type": "WARN", "text": "The search results were truncated to 10 by limits.conf"}]
        rows, said = self.lines("index=main", code=3)
        self.assertEqual((rows, said), (10, "warning: the answer is truncated\n  the service says: The search results were truncated to 10 by limits.conf\n"))
        self.service.messages = [{"type": "ERROR", "text": "Search peer idx3 is down"}]
        self.assertIn("the answer is partial\n  the service says: Search peer idx3 is down", self.lines("index=main", code=3)[1])
        self.service.messages = []
        rows, said = self.lines("index=main", "--max-rows", "4", code=3)
        self.assertEqual((rows, said), (4, "warning: the answer is truncated\n  4 of 5 rows are kept: the limit of this run\n"))

    def test_throttled_and_resumed(self):
        self.service.rows = 120_000
        self.service.faults = [Fault("throttle", "/search/jobs", 503, 1), Fault("throttle", "/results", 429, "date"), Fault("error", "/results", 502)]
        self.assertEqual(self.lines("index=main"), (120_000, ""))

    def test_a_page_that_breaks_is_fetched_from_there(self):
        self.service.rows = 120_000
        for kind in ("truncate", "kill"):
            self.service.faults = [Fault(kind, "/results", after=2_000_000)]
            self.assertEqual(self.lines("index=main"), (120_000, ""))

    def test_a_session_that_ends_is_renewed(self):
        self.set_up(username="ann", password={"env": "SPLUNK_PASSWORD"})
        self.service.rows = 60_000
        self.service.faults = [Fault("expire", "/results")]
        self.assertEqual(self.lines("index=main"), (60_000, ""))
        self.assertEqual(self.service.logins, 2)

    def test_a_server_that_dies_leaves_the_rows(self):
        self.service.rows = 120_000
        self.service.faults = [Fault("wrong_type", "nothing")] + [Fault("error", "/results", 500)]
        # the first page is refused: nothing is left to keep
        self.assertIn("error HB-R014", self.refused("query", "--connect", "prod", "index=main"))
        page = self.service.page
        def once(begin, end):
            if begin >= 50_000:
                self.service.refuse(500, "disk \x1b[31mfailure")
            return page(begin, end)
        self.service.page = once
        self.service.faults = []
        rows, said = self.lines("index=main", code=3)
        self.assertEqual(rows, 50_000)
        self.assertIn("the answer is partial\n  `127.0.0.1` failed with 500 after 1 attempt: disk  [31mfailure; 50000 of 120000 rows came", said)
        self.set_up(token={"env": "SPLUNK_TOKEN"}, mode="export")
        self.service.faults = [Fault("kill", "/export", after=1_000_000)]
        rows, said = self.lines("index=main", code=3)
        self.assertGreater(rows, 3000)
        self.assertIn(f"the {rows} rows that came before are kept", said)

    def test_wrong_secrets_name_their_setting(self):
        self.assertEqual(self.refused("connect", "prod", SPLUNK_TOKEN="canary-no"),
                         "error HB-R012: `127.0.0.1` does not accept the sign-in: call not properly authenticated\nhint: check the setting `token`\n")
        self.set_up(username="ann", password={"env": "SPLUNK_PASSWORD"})
        self.assertEqual(self.refused("connect", "prod", SPLUNK_PASSWORD="canary/no"),
                         "error HB-R012: `127.0.0.1` does not accept the sign-in: Login failed for ***\nhint: check the settings `username` and `password`\n")
        self.set_up()
        self.assertIn("error HB-R002: Splunk needs `token`, or `username` and `password`", self.refused("connect", "prod"))

    def test_a_search_that_fails(self):
        self.assertEqual(self.refused("query", "--connect", "prod", "broken"), "error HB-R010: the search failed: Unknown search command 'broken'.\n")

    def test_wrong_content_and_places(self):
        self.service.faults = [Fault("wrong_type", "/search/jobs")]
        self.assertIn("error HB-R011: the reply of `127.0.0.1` is no JSON", self.refused("query", "--connect", "prod", "x"))
        self.service.faults = [Fault("redirect", "/search/jobs", location="http://192.168.1.1/")]
        self.assertIn("error HB-W009: `127.0.0.1` redirects to `http://192.168.1.1`", self.refused("query", "--connect", "prod", "x"))
        self.settings({"provider": "Splunk", "host": "http://splunk.example:8089", "token": {"env": "SPLUNK_TOKEN"}})
        self.assertIn("setting `host`: `http://splunk.example:8089` would send everything in the clear", self.refused("connect", "prod"))

    def test_in_a_pipe(self):
        done = self.run_it("query", "-o", "csv", "evaluate source_request('prod', 'index=main | head 6') | summarize n = count() by status | sort by status asc")
        self.assertEqual(done.stdout.split(), ["status,n", "200,2", "201,2", "202,2"], done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
