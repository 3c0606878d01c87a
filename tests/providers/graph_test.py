#!/usr/bin/env python3
"""Microsoft Graph, Defender and Resource Graph end to end: graph_test.py HUNTBOOK SOURCE_DIR."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common import ProviderTest
from fake import Authority, Fault
from fake_graph import Cloud


class Base(ProviderTest):
    def setUp(self):
        super().setUp()
        self.authority = self.start(Authority())
        self.service = self.start(Cloud(self.authority))
        self.set_up()

    def set_up(self, **more):
        self.settings({"provider": self.provider, "endpoint": self.service.url, "tenant_id": "contoso.example", "client_id": "app-1",
                       "client_secret": {"env": "FAKE_SECRET"}, "authority": self.authority.url, **more})

    def asks(self, text: str, match: str):
        self.usual(text, match=match, wrong={"FAKE_SECRET": "canary-no"}, setting="`client_secret`")
        self.assertGreaterEqual(self.authority.given, 3)


class HuntingGraph(Base):
    provider = "M365D"
    route = "runHuntingQuery"

    def test_usual(self):
        self.asks("DeviceProcessEvents", self.route)

    def test_runs(self):
        answer = self.query("DeviceProcessEvents | take 2")
        self.assertEqual([(c["name"], c["type"]) for c in answer["columns"]],
                         [("Timestamp", "datetime"), ("DeviceName", "string"), ("ProcessId", "long"), ("AdditionalFields", "dynamic")])
        self.assertEqual(answer["rows"][1], ["2024-05-01T00:00:01.0000000Z", "ws-1", 1, {"n": 1}])
        self.assertIn("could not be resolved", self.refused("query", "--connect", "prod", "Nowhere"))

    def test_its_limit_is_said(self):
        self.service.rows = 1_234_567
        rows, said = self.lines("DeviceProcessEvents", code=3)
        self.assertEqual((rows, said), (100_000, "warning: the answer is truncated\n  the service gives no more than 100000 rows: ask for less, or split by time\n"))

    def test_a_server_that_dies_leaves_the_rows(self):
        self.service.rows = 5000
        self.service.faults = [Fault("kill", self.route, after=300_000)]
        rows, said = self.lines("DeviceProcessEvents", code=3)
        self.assertGreater(rows, 1000)
        self.assertIn(f"the {rows} rows that came before are kept", said)

    def test_schema(self):
        done = self.run_it("connect", "prod", "--schema", "-o", "json")
        self.assertEqual([r[:3] for r in json.loads(done.stdout)["rows"]],
                         [["DeviceProcessEvents", n, t] for n, t in [("Timestamp", "datetime"), ("DeviceName", "string"), ("ProcessId", "long"), ("AdditionalFields", "dynamic")]])

    def test_a_time_range_reaches_the_service(self):
        self.query("DeviceProcessEvents", "--start", "2024-05-01", "--end", "2024-05-02")
        self.assertEqual(self.service.requests[-1].json().get("Timespan"), "2024-05-01T00:00:00.0000000Z/2024-05-01T23:59:59.9999999Z")


class HuntingEndpoint(HuntingGraph):
    provider = "MDE"
    route = "advancedqueries"

    def test_a_time_range_reaches_the_service(self):
        self.query("DeviceProcessEvents", "--start", "2024-05-01")  # it takes none: the text says it
        self.set_up(cloud="china", endpoint="")
        self.assertIn("is not in the cloud `china`", self.refused("connect", "prod"))


class Graph(Base):
    provider = "MSGraph"

    def test_usual(self):
        self.asks("/security/alerts_v2", "alerts_v2")

    def test_runs(self):
        answer = self.query("security/alerts_v2?$filter=severity eq 'high'&$top=2")
        self.assertEqual({c["name"]: c["type"] for c in answer["columns"]},
                         {"id": "string", "severity": "string", "createdDateTime": "datetime", "score": "long", "host_name": "string",
                          "host_os_kind": "string", "evidence": "dynamic", "resolvedDateTime": "string"})
        self.assertEqual(answer["rows"][1], ["a1", "high", "2024-05-01T00:00:00.1234567Z", 1, "ws-1", "windows", [{"ip": "10.0.0.1"}], ""])
        self.assertEqual(self.service.requests[-1].query, {"$filter": "severity eq 'high'", "$top": "2"})
        self.assertEqual(self.query("/me")["rows"], [["u1", "Ann"]])

    def test_pages_to_the_true_end(self):
        self.service.rows, self.service.page = 1_234_567, 50_000
        self.assertEqual(self.lines("/security/alerts_v2"), (1_234_567, ""))
        self.assertEqual(self.service.count("alerts_v2"), 25)

    def test_pages_that_lead_elsewhere(self):
        self.service.rows = 250
        for place, said in [("https://evil.example", "`https://evil.example` is no host of this connection"), ("http://10.0.0.1", "`http://10.0.0.1` is no host of this connection")]:
            self.service.next_base = place
            rows, message = self.lines("/security/alerts_v2", code=3)
            self.assertEqual(rows, 100)
            self.assertIn(f"the answer is partial\n  {said}; the 100 rows that came before are kept", message)
        self.service.next_base, self.service.endless = self.service.url, True
        self.assertIn("the service sends the same page again", self.lines("/security/alerts_v2", code=3)[1])

    def test_a_page_that_is_lost(self):
        self.service.rows = 250
        real = self.service.collection
        self.service.collection = lambda r: real(r) if "$skiptoken" not in r.query else (_ for _ in ()).throw(ValueError("gone"))
        rows, message = self.lines("/security/alerts_v2", code=3)
        self.service.violations.clear()
        self.assertEqual(rows, 100)
        self.assertIn("`127.0.0.1` failed with 500", message)


class ResourceGraph(Base):
    provider = "ResourceGraph"

    def test_usual(self):
        self.asks("resources", "ResourceGraph")

    def test_runs(self):
        self.set_up(subscription_id=["s1", "s2"])
        answer = self.query("Resources | take 10")
        self.assertEqual([(c["name"], c["type"]) for c in answer["columns"]],
                         [("id", "string"), ("name", "string"), ("size", "long"), ("properties", "dynamic"), ("managed", "bool")])
        self.assertEqual(answer["rows"][3], ["/subscriptions/s/r3", "r3", 3, {"sku": {"n": 3}}, False])
        self.assertEqual(self.service.requests[-1].json()["subscriptions"], ["s1", "s2"])
        self.assertIn("Query is invalid.", self.refused("query", "--connect", "prod", "nope"))

    def test_pages_to_the_true_end(self):
        self.service.rows = 23_456
        self.assertEqual(self.lines("resources"), (23_456, ""))
        self.assertEqual(self.service.count("ResourceGraph"), 24)
        rows, said = self.lines("resources | project name", code=3)
        self.assertEqual((rows, said), (1000, "warning: the answer is truncated\n  the service gave 1000 of 23456 rows; it pages only queries that keep the column `id`\n"))

    def test_a_page_that_is_lost(self):
        self.service.rows = 2500
        real = self.service.resources
        def once(request):
            if "$skipToken" in request.json()["options"]:
                raise ValueError("gone")
            return real(request)
        self.service.resources = once
        rows, message = self.lines("resources", code=3)
        self.service.violations.clear()
        self.assertEqual(rows, 1000)
        self.assertIn("the answer is partial", message)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
