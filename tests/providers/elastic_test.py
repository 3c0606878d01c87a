#!/usr/bin/env python3
"""Elasticsearch and OpenSearch end to end: elastic_test.py HUNTBOOK SOURCE_DIR."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common import ProviderTest
from fake import Fault
from fake_elastic import Elastic

ALL = '{"query": {"match_all": {}}}'
TYPES = {"@timestamp": "datetime", "host.name": "string", "bytes": "long", "ratio": "real", "ok": "bool", "tags": "dynamic"}


class ElasticTest(ProviderTest):
    flavour = "elastic"

    def setUp(self):
        super().setUp()
        self.service = self.start(Elastic(opensearch=self.flavour == "opensearch"))
        self.environment |= {"KEY": "canary-key", "PASSWORD": "canary:pass"}
        self.set_up()

    def set_up(self, **more):
        self.settings({"provider": "Elastic", "url": self.service.url, "api_key": {"env": "KEY"}, "index": "logs-*", "flavour": self.flavour, **more})

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.service.points if not getattr(self, "left_open", False) else {}, {}, "points in time are closed")

    def test_usual(self):
        self.usual(ALL, match="/_search" if self.flavour == "elastic" else "/_search", wrong={"KEY": "canary-no"}, setting="`api_key`", expires=False)
        self.left_open = True

    def test_name_and_password(self):
        self.settings({"provider": "OpenSearch" if self.flavour == "opensearch" else "Elasticsearch", "url": self.service.url, "username": "ann", "password": {"env": "PASSWORD"}})
        self.assertEqual(self.run_it("connect", "prod").stdout, "connected to `prod`\n")
        self.assertIn("check the setting `password`", self.refused("connect", "prod", PASSWORD="canary/2"))

    def test_schema(self):
        done = self.run_it("connect", "prod", "--schema", "-o", "json")
        rows = json.loads(done.stdout)["rows"]
        self.assertEqual({r[0] for r in rows}, {"logs-1", "logs-2"})
        self.assertEqual({r[1]: r[2] for r in rows}, {**TYPES, "tags": "string"})

    def test_searches(self):
        answer = self.query(ALL, "--start", "2024-05-01", "--end", "2024-05-02")
        self.assertEqual({c["name"]: c["type"] for c in answer["columns"]}, {"_index": "string", "_id": "string", **TYPES})
        names = [c["name"] for c in answer["columns"]]
        self.assertEqual(dict(zip(names, answer["rows"][1])), {"_index": "logs-1", "_id": "i1", "@timestamp": "2024-05-01T00:00:01.0000000Z", "host.name": "ws-1",
                                                               "bytes": 1, "ratio": 1.0, "ok": True, "tags": ["a", "b"]})
        body = next(r for r in self.service.requests if r.path == "/_search").json()
        self.assertEqual(body["query"], {"bool": {"must": [{"match_all": {}}], "filter": [
            {"range": {"@timestamp": {"gte": "2024-05-01T00:00:00.0000000Z", "lt": "2024-05-02T00:00:00.0000000Z"}}}]}})
        self.assertIn("unknown query [broken]", self.refused("query", "--connect", "prod", '{"query": {"broken": {}}}'))
        self.service.points.clear()
        self.assertIn("`from` has no place in the text", self.refused("query", "--connect", "prod", '{"from": 5}'))

    def test_pages_to_the_true_end(self):
        self.service.rows = 1_234_567
        self.assertEqual(self.lines(ALL), (1_234_567, ""))
        self.assertEqual(self.service.count("/_search") - (2 if self.flavour == "opensearch" else 0), 124)
        self.assertEqual(self.lines('{"size": 25000}'), (25_000, ""))
        rows, said = self.lines(ALL, "--max-rows", "12000", code=3)
        self.assertEqual((rows, said), (12_000, "warning: the answer is truncated\n  the first 12000 rows are kept: the limit of this run\n"))

    def test_aggregations(self):
        answer = self.query('{"size": 0, "aggs": {"by_host": {"terms": {"field": "host.name"}}}}')
        self.assertEqual(answer["rows"], [[{"buckets": [{"key": "ws-1", "doc_count": 3}]}]])

    def test_what_is_lost_is_said(self):
        self.service.failed_shards = 2
        rows, said = self.lines(ALL, code=3)
        self.assertEqual((rows, said), (10, "warning: the answer is partial\n  2 shards failed: disk  [31m gone\n"))
        self.service.failed_shards, self.service.timed_out = 0, True
        self.assertIn("the service ran out of time", self.lines(ALL, code=3)[1])

    def test_a_page_that_breaks_is_fetched_from_there(self):
        self.service.rows = 25_000
        for kind in ("kill", "truncate"):
            self.service.faults = [Fault(kind, "/_search" if self.flavour == "elastic" else "/_search", after=500_000)]
            if self.flavour == "opensearch":
                self.service.faults[0].match = "/_search"
            self.assertEqual(self.lines(ALL), (25_000, ""))

    def test_a_server_that_dies_leaves_the_rows(self):
        self.service.rows = 25_000
        real = self.service.search
        self.service.search = lambda body: real(body) if "search_after" not in body else self.service.must(False, "gone")
        rows, said = self.lines(ALL, code=3)
        self.service.violations.clear()
        self.assertEqual(rows, 10_000)
        self.assertIn("gone; the 10000 rows that came before are kept", said)


class OpenSearchTest(ElasticTest):
    flavour = "opensearch"

    def test_it_has_no_typed_language(self):
        self.assertIn("OpenSearch has no ES|QL", self.refused("query", "--connect", "prod", "FROM logs"))


class Typed(ElasticTest):
    """ES|QL."""

    def test_usual(self):
        self.usual("FROM logs-*", match="/_query", wrong={"KEY": "canary-no"}, setting="`api_key`", expires=False)

    def test_searches(self):
        answer = self.query("FROM logs-* | LIMIT 2", "--start", "2024-05-01")
        self.assertEqual({c["name"]: c["type"] for c in answer["columns"]}, TYPES)
        self.assertEqual(answer["rows"][1], ["2024-05-01T00:00:01.0000000Z", "ws-1", 1, 1.0, True, ["a", "b"]])
        self.assertEqual(self.service.requests[-1].json()["filter"], {"range": {"@timestamp": {"gte": "2024-05-01T00:00:00.0000000Z"}}})
        self.assertEqual(len(self.query("FROM logs-* | LIMIT 0")["columns"]), 6)
        self.assertIn("Unknown index [nope]", self.refused("query", "--connect", "prod", "FROM nope"))

    def test_pages_to_the_true_end(self):  # it cannot
        self.service.rows = 1_234_567
        rows, said = self.lines("FROM logs-* | LIMIT 50000", code=3)
        self.assertEqual((rows, said), (10_000, "warning: the answer is truncated\n  the service gives no more than 10000 rows of ES|QL: ask in the query DSL, or for less\n"))
        rows, said = self.lines("FROM logs-*", code=3)
        self.assertEqual((rows, said), (1000, "warning: the answer is truncated\n  the service gives 1000 rows to a query without LIMIT: add `| LIMIT 10000`\n"))

    def test_what_is_lost_is_said(self):
        self.service.timed_out = True
        self.assertIn("a part of the cluster did not answer", self.lines("FROM logs-*", code=3)[1])
        self.service.rows, self.service.faults = 900, [Fault("kill", "/_query", after=30_000)]
        self.assertIn("rows that came before are kept", self.lines("FROM logs-*", code=3)[1])

    test_aggregations = test_a_page_that_breaks_is_fetched_from_there = test_a_server_that_dies_leaves_the_rows = test_schema = test_name_and_password = None


def load_tests(loader, _, __):
    suite = unittest.TestSuite()
    for case in (ElasticTest, OpenSearchTest, Typed):
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
