#!/usr/bin/env python3
"""Sumo Logic, OpenObserve, Cybereason and Prisma Cloud end to end: apis_test.py HUNTBOOK SOURCE_DIR."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common import ProviderTest
from fake import Fault
from fake_cybereason import Cybereason
from fake_open_observe import OpenObserve
from fake_prisma_cloud import PrismaCloud
from fake_sumo_logic import SumoLogic

RANGE = ("--start", "2024-05-01", "--end", "2024-05-02")


class SumoLogicTest(ProviderTest):
    def setUp(self):
        super().setUp()
        self.service = self.start(SumoLogic())
        self.environment["KEY"] = "canarykey"
        self.settings({"provider": "Sumologic", "url": self.service.url, "access_id": "id1", "access_key": {"env": "KEY"}})

    def test_usual(self):
        self.usual("error", *RANGE, match="/search/jobs", wrong={"KEY": "canary/no"}, setting="`access_key`", expires=False)

    def test_messages_and_records(self):
        answer = self.query("error", *RANGE)
        self.assertEqual([(c["name"], c["type"]) for c in answer["columns"]],
                         [("_messagetime", "datetime"), ("_sourcehost", "string"), ("_size", "int"), ("ratio", "real"), ("_raw", "string")])
        self.assertEqual(answer["rows"][2], ["2024-05-01T00:00:02.0000000Z", "h2", 2, 0.5, "line 2"])
        posted = next(r for r in self.service.requests if r.method == "POST").json()
        self.assertEqual(posted, {"query": "error", "from": "2024-05-01T00:00:00", "to": "2024-05-02T00:00:00", "timeZone": "UTC", "byReceiptTime": False})
        self.assertEqual(self.query("error | count by host", *RANGE)["rows"], [["a", 7], ["b", 3]])
        self.assertEqual(self.service.jobs, {}, "jobs are taken away when they are read")
        self.assertIn("a search of Sumo Logic needs a start", self.refused("query", "--connect", "prod", "error"))
        self.assertIn("Unexpected token", self.refused("query", "--connect", "prod", "| x", *RANGE))

    def test_pages_to_the_true_end(self):
        self.service.rows = 1_234_567
        self.assertEqual(self.lines("error", *RANGE), (1_234_567, ""))
        self.assertEqual(self.service.count("/messages"), 124)

    def test_what_is_lost_is_said(self):
        self.service.warnings = ["The result was truncated at the limit"]
        self.assertEqual(self.lines("error", *RANGE, code=3)[1], "warning: the answer is truncated\n  the service says: The result was truncated at the limit\n")
        self.service.warnings, self.service.rows = [], 25_000
        self.service.faults = [Fault("kill", "/messages", after=300_000)]  # that page is fetched again
        self.assertEqual(self.lines("error", *RANGE), (25_000, ""))
        real = self.service.messages
        def once(begin, end):
            if begin:
                self.service.must(False, "node gone")
            return real(begin, end)
        self.service.messages = once
        rows, said = self.lines("error", *RANGE, code=3)
        self.service.violations.clear()
        self.assertEqual(rows, 10_000)
        self.assertIn("node gone; 10000 of 25000 rows came", said)


class OpenObserveTest(ProviderTest):
    def setUp(self):
        super().setUp()
        self.service = self.start(OpenObserve())
        self.environment["PASSWORD"] = "canarypass"
        self.settings({"provider": "OpenObserve", "url": self.service.url, "username": "ann@example.org", "password": {"env": "PASSWORD"}, "organization": "acme"})

    def test_usual(self):
        self.usual('SELECT * FROM "default"', match="/_search", wrong={"PASSWORD": "canary/no"}, setting="`password`", expires=False)

    def test_runs(self):
        answer = self.query('SELECT * FROM "default"', *RANGE)
        self.assertEqual([(c["name"], c["type"]) for c in answer["columns"]], [("_timestamp", "datetime"), ("message", "string"), ("ratio", "real"), ("ok", "bool")])
        self.assertEqual(answer["rows"][1], ["2024-05-01T00:00:01.0000000Z", "line 1", 1.5, True])
        query = self.service.requests[-1].json()["query"]
        self.assertEqual((query["start_time"], query["end_time"]), (1714521600000000, 1714608000000000))
        done = self.run_it("connect", "prod", "--schema", "-o", "json")
        self.assertEqual([r[:3] for r in json.loads(done.stdout)["rows"]], [["default", "_timestamp", "datetime"], ["default", "message", "string"], ["default", "ratio", "real"]])
        self.assertIn("expected FROM", self.refused("query", "--connect", "prod", "SELECT"))

    def test_pages_to_the_true_end(self):
        self.service.rows = 1_234_567
        self.assertEqual(self.lines('SELECT * FROM "default"'), (1_234_567, ""))
        self.assertEqual(self.service.count("/_search"), 124)

    def test_what_is_lost_is_said(self):
        self.service.partial = True
        self.assertIn("a part did not answer", self.lines("SELECT * FROM x", code=3)[1])
        self.service.partial, self.service.problem = False, "vrl: parse error"
        self.assertIn("the service says: vrl: parse error", self.lines("SELECT * FROM x", code=3)[1])
        self.service.problem, self.service.rows = "", 25_000
        self.service.faults = [Fault("truncate", "/_search", after=300_000)]
        self.assertEqual(self.lines("SELECT * FROM x"), (25_000, ""))


class CybereasonTest(ProviderTest):
    QUERY = '{"queryPath": [{"requestedType": "Process", "filters": []}], "customFields": ["elementDisplayName"]}'

    def setUp(self):
        super().setUp()
        self.service = self.start(Cybereason())
        self.environment["PASSWORD"] = "canary&pass"
        self.settings({"provider": "Cybereason", "url": self.service.url, "client_id": "ann", "client_secret": {"env": "PASSWORD"}})

    def test_usual(self):
        self.usual(self.QUERY, match="visualsearch", wrong={"PASSWORD": "canary/no"}, setting="`client_secret`")
        self.assertGreaterEqual(self.service.logins, 3)

    def test_runs(self):
        answer = self.query(self.QUERY)
        self.assertEqual({c["name"]: c["type"] for c in answer["columns"]},
                         {"elementDisplayName": "string", "guid": "string", "creationTime": "datetime", "pid": "string", "flags": "dynamic", "ownerMachine": "string"})
        self.assertEqual(answer["rows"][1], ["proc-1", "guid-1", "2024-05-01T00:00:01.0000000Z", "1", ["a", "b"], "ws-1"])
        self.assertIn("the service refuses the query: Query path is empty", self.refused("query", "--connect", "prod", '{"queryPath": []}'))
        self.assertIn("the text is no JSON object with a `queryPath`", self.refused("query", "--connect", "prod", "processes"))

    def test_its_limits_are_said(self):
        self.service.rows = 1_234_567
        rows, said = self.lines(self.QUERY, code=3)
        self.assertEqual((rows, said), (1000, "warning: the answer is truncated\n  the service gave 1000 of 1234567 elements: raise totalResultLimit (at most 100000)\n"))
        rows, said = self.lines(self.QUERY[:-1] + ', "totalResultLimit": 9999999}', code=3)
        self.assertEqual(rows, 100_000)
        self.assertIn("the service gave 100000 of 1234567 elements", said)

    def test_what_is_lost_is_said(self):
        self.service.status = "PARTIAL_SUCCESS"
        self.assertIn("the answer is partial\n  the service says: sensors are late", self.lines(self.QUERY, code=3)[1])
        self.service.status, self.service.rows, self.service.faults = "SUCCESS", 900, [Fault("kill", "visualsearch", after=200_000)]
        rows, said = self.lines(self.QUERY, code=3)
        self.assertGreater(rows, 400)
        self.assertIn(f"the {rows} rows that came before are kept", said)


class PrismaCloudTest(ProviderTest):
    def setUp(self):
        super().setUp()
        self.service = self.start(PrismaCloud())
        self.environment["PASSWORD"] = 'canary"key'
        self.settings({"provider": "PrismaCloud", "url": self.service.url, "username": "key-1", "password": {"env": "PASSWORD"}})

    def test_usual(self):
        self.usual("config from cloud.resource where cloud.type = 'aws'", match="/search", wrong={"PASSWORD": "canary/no"}, setting="`password`")

    def test_runs(self):
        for text, path in [("config from cloud.resource", "/search/api/v2/config"), ("asset where x", "/search/api/v1/asset"), ("event from x", "/search/event"), ("network from vpc", "/search")]:
            answer = self.query(text, *RANGE)
            self.assertEqual(self.service.requests[-1].path, path)
            self.assertEqual(self.service.requests[-1].json()["timeRange"], {"type": "absolute", "value": {"startTime": 1714521600000, "endTime": 1714607999999}})
            self.assertEqual([(c["name"], c["type"]) for c in answer["columns"]],
                             [("id", "string"), ("name", "string"), ("size", "long"), ("data_region", "string"), ("data_deep_a", "dynamic"), ("tags", "dynamic")])
            self.assertEqual(answer["rows"][3], ["r3", "n3", 3, "eu", {"b": 1}, ["x"]])
        self.query(json.dumps({"querymetadata": {"query_by_user": "asset where y", "endpoint": "assets", "unit": "minute", "amount": "30"}}))
        self.assertEqual(self.service.requests[-1].json(), {"query": "asset where y", "limit": 1000, "timeRange": {"type": "relative", "value": {"unit": "minute", "amount": 30}}})
        self.assertIn("begins with none of asset, config, event and network", self.refused("query", "--connect", "prod", "select 1"))
        self.assertIn("error HB-R010: `127.0.0.1` refuses the query (400)", self.refused("query", "--connect", "prod", "config broken"))

    def test_pages_to_the_true_end(self):
        self.service.rows = 23_456
        self.assertEqual(self.lines("config from x"), (23_456, ""))
        self.assertEqual(self.service.count("/search"), 24)

    def test_its_limits_are_said(self):
        self.service.rows, self.service.cap = 1_234_567, 10_000
        self.assertEqual(self.lines("config from x", code=3), (10_000, "warning: the answer is truncated\n  the service gave 10000 of 1234567 rows\n"))
        self.assertEqual(self.lines("network from x", code=3), (1000, "warning: the answer is truncated\n  the service gives no more than 1000 rows\n"))

    def test_a_token_that_ends_in_the_middle(self):
        self.service.rows = 5000
        self.service.faults = [Fault("drip", "nothing"), Fault("expire", "/search")]
        self.assertEqual(self.lines("asset where x"), (5000, ""))
        self.assertEqual(self.service.logins, 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
