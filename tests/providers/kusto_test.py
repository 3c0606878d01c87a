#!/usr/bin/env python3
"""Kusto clusters and Log Analytics end to end: kusto_test.py HUNTBOOK SOURCE_DIR."""
import json
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common import HUNTBOOK, SHARED, ProviderTest
from fake import Authority, Fault
from fake_kusto import COLUMNS, Kusto, LogAnalytics, row

WORKSPACE = "11111111-0000-0000-0000-000000000001"
FIXTURES = SHARED / "msticpy/fixtures"


class Family(ProviderTest):
    """The tests that both services of the family pass."""
    __test__ = False

    def setUp(self):
        super().setUp()
        self.authority = self.start(Authority())
        self.make()

    def set_up(self, **more):
        self.settings({**self.own, "tenant_id": "contoso.example", "client_id": "app-1", "client_secret": {"env": "FAKE_SECRET"},
                       "authority": self.authority.url, **more})

    def test_connects_and_lists(self):
        self.assertEqual(self.run_it("connect", "prod").stdout, "connected to `prod`\n")
        done = self.run_it("connect", "prod", "--schema", "-o", "json")
        self.assertEqual([r[:3] for r in json.loads(done.stdout)["rows"]], [["SecurityEvent", n, t] for n, t in COLUMNS])
        done = self.run_it("providers", "-o", "json")
        ready = [r for r in json.loads(done.stdout)["rows"] if "prod" in r[8]]
        self.assertEqual([(r[0], r[8], r[9]) for r in ready], [(self.own["provider"], "prod", "yes")])

    def test_says_what_is_missing(self):
        done = self.run_it("providers", "-o", "json", FAKE_SECRET="")
        ready = [r for r in json.loads(done.stdout)["rows"] if "prod" in r[8]][0]
        self.assertEqual(ready[8:], ["prod (`connections.prod.client_secret` refers to the environment variable `FAKE_SECRET`, which is empty)", "no"])
        self.settings({"provider": self.own["provider"]})
        done = self.run_it("providers", "-o", "json")
        self.assertIn(f"prod (setting `{self.needs}` of provider `{self.own['provider']}` is missing)", done.stdout)

    def test_runs(self):
        answer = self.query("SecurityEvent | take 3")
        self.assertEqual([(c["name"], c["type"]) for c in answer["columns"]], COLUMNS)
        self.assertEqual(answer["rows"], [["2024-05-01T00:00:00.0000000Z", "WS-0000", 4624, {"n": 0}],
                                          ["2024-05-01T00:00:01.0000000Z", "WS-0001", 4625, {"n": 1}],
                                          ["2024-05-01T00:00:02.0000000Z", "WS-0002", 4626, {"n": 2}]])
        self.assertEqual((answer["completeness"], answer["stderr"]), ("complete", ""))

    def test_a_large_answer_is_truncated_and_says_so(self):
        self.service.data.rows = 1_234_567
        out = self.path / "out.jsonl"
        done = self.run_it("query", "--connect", "prod", "-o", "jsonl", "--out", str(out), "SecurityEvent")
        self.assertEqual(done.returncode, 3)
        self.assertIn("truncated", done.stderr)
        self.assertIn("E_QUERY_RESULT_SET_TOO_LARGE", done.stderr)
        with out.open() as lines:
            self.assertEqual(sum(1 for _ in lines), 500_000)
        answer = self.query("SecurityEvent | take 5", "--max-rows", "2", code=3)
        self.assertEqual((len(answer["rows"]), answer["completeness"]), (2, "truncated"))

    def test_a_part_that_fails_makes_it_partial(self):
        self.service.partial = True
        answer = self.query("SecurityEvent", code=3)
        self.assertEqual((len(answer["rows"]), answer["completeness"]), (10, "partial"))
        self.assertIn("the service failed in part", answer["stderr"])
        self.assertIn("did not answer", answer["stderr"])

    def test_throttled_and_resumed(self):
        for wish in (1, "date"):
            self.service.faults = [Fault("throttle", "query", 429, wish), Fault("error", "query", 503, 0)]
            before = time.monotonic()
            self.assertEqual(len(self.query("SecurityEvent")["rows"]), 10)
            self.assertGreater(time.monotonic() - before, 0.8 if wish == 1 else 0)
        self.service.faults = [Fault("throttle", "query", 429, 3600, body=b'{"error":{"code":"Throttled","message":"too many"}}')]
        self.assertEqual(self.refused("query", "--connect", "prod", "SecurityEvent"),
                         "error HB-R013: `127.0.0.1` throttles us: Throttled: too many\nhint: it asks to come back in 3600 s\n")

    def test_a_token_that_ends_is_renewed(self):
        self.service.faults = [Fault("expire", "query")]
        self.assertEqual(len(self.query("SecurityEvent")["rows"]), 10)
        self.assertEqual(self.authority.given, 2)

    def test_a_wrong_secret_names_the_setting(self):
        self.assertEqual(self.refused("connect", "prod", FAKE_SECRET="canary-wrong"),
                         "error HB-R102: sign-in refused (invalid_client): AADSTS7000215: Invalid client secret '***' provided.\n"
                         "hint: the secret is wrong: set `client_secret` to the secret's value, not to its id\n")
        self.set_up(client_id="app-2")
        self.assertEqual(self.refused("connect", "prod"),
                         "error HB-R102: sign-in refused (unauthorized_client): AADSTS700016: Application 'app-2' was not found.\n"
                         "hint: there is no such application in this directory: check the settings `client_id` and `tenant_id`\n")
        self.set_up(tenant_id="other.example")
        self.assertIn("hint: there is no such directory: check the settings `tenant_id` and `cloud`\n", self.refused("connect", "prod"))

    def test_a_token_that_is_never_taken(self):
        self.authority.check = lambda service, request, scope: service.refuse(request)
        def refuse(request):
            from fake import Refusal, as_json
            raise Refusal(as_json({"error": {"code": "InvalidToken", "message": "no: " + request.headers["authorization"]}}, 401))
        self.service.refuse = refuse
        self.assertEqual(self.refused("connect", "prod"),
                         "error HB-R012: `127.0.0.1` does not accept the sign-in: InvalidToken: no: Bearer ***\n"
                         "hint: check the setting `client_secret`\n")
        self.assertEqual(self.authority.given, 2)

    def test_a_server_that_dies_leaves_the_rows(self):
        for kind in ("kill", "truncate"):
            self.service.data.rows = 5000
            self.service.faults = [Fault(kind, "query", after=200_000)]
            answer = self.query("SecurityEvent", code=3)
            self.assertEqual(answer["completeness"], "partial")
            self.assertGreater(len(answer["rows"]), 1000)
            self.assertEqual(answer["rows"], [[r[0][:19] + ".0000000Z", r[1], r[2], json.loads(r[3])] for r in map(row, range(len(answer["rows"])))])
            self.assertIn(f"the {len(answer['rows'])} rows that came before are kept", answer["stderr"])

    def test_a_server_that_dies_before_any_row(self):
        self.service.faults = [Fault("kill", "query", after=10)]
        self.assertEqual(self.refused("query", "--connect", "prod", "SecurityEvent").split(":")[0], "error HB-W007")

    def test_wrong_content(self):
        self.service.faults = [Fault("wrong_type", "query")]
        self.assertEqual(self.refused("query", "--connect", "prod", "SecurityEvent"),
                         "error HB-R011: the reply of `127.0.0.1` is no JSON (content type `text/html`)\n"
                         "hint: is this the address of the service's API?\n")
        self.service.data.recorded["SecurityEvent | take 1"] = b'{"tables": [[[[ \xff\xfe'
        self.assertIn("error HB-R011: the reply of `127.0.0.1` is broken: not JSON at offset", self.refused("query", "--connect", "prod", "SecurityEvent | take 1"))

    def test_failures_of_the_service(self):
        self.service.faults = [Fault("error", "query", 500, body=b'{"error":{"code":"X","message":"broken \\u001b[31m"}}')]
        self.assertEqual(self.refused("query", "--connect", "prod", "SecurityEvent"),
                         "error HB-R014: `127.0.0.1` failed with 500 after 1 attempt: X: broken  [31m\nhint: ask again later\n")

    def test_redirects_go_nowhere(self):
        for place in ("http://169.254.169.254/latest", "http://10.0.0.1/", "https://evil.example/"):
            self.service.faults = [Fault("redirect", "query", location=place)]
            message = self.refused("query", "--connect", "prod", "SecurityEvent")
            self.assertTrue(message.startswith("error HB-W009: `127.0.0.1` redirects to `"), message)
            self.assertIn("which is no host of this connection", message)

    def test_slow_drips_end(self):
        self.set_up(stall_timeout=1)
        if self.own["provider"] == "Kusto":
            return  # its silence is bounded by the server's own time-out
        self.service.faults = [Fault("drip", "query", after=20, pause=5)]
        before = time.monotonic()
        self.assertIn("sent nothing for 1.0 s", self.refused("query", "--connect", "prod", "SecurityEvent"))
        self.assertLess(time.monotonic() - before, 5)

    def test_a_wrong_query(self):
        message = self.refused("query", "--connect", "prod", "Nowhere | take 1")
        self.assertIn("error HB-R010: `127.0.0.1` refuses the query (400)", message)
        self.assertIn("SEM0100", message)

    def test_offline_asks_nobody(self):
        self.assertEqual(self.refused("query", "--connect", "prod", "--offline", "SecurityEvent"),
                         "error HB-W003: nothing is asked of `127.0.0.1`: the program runs offline\n"
                         "hint: leave out --offline to ask services\n")
        self.assertEqual((len(self.service.requests), len(self.authority.requests)), (0, 0))

    def test_interrupted(self):
        self.service.faults = [Fault("drip", "query", after=20, pause=0.5)]
        running = subprocess.Popen([HUNTBOOK, "query", "--connect", "prod", "SecurityEvent"], cwd=self.path, env=self.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1.5)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=10)
        self.assertEqual((running.returncode, out), (130, ""), err)

    def test_a_secret_on_the_command_line_is_refused(self):
        done = self.run_it("connect", "prod", "--option", "client_secret=x")
        self.assertEqual((done.returncode, done.stderr.splitlines()[0]), (2, "error: `client_secret` is a secret, and others can see a command line"))
        self.set_up(client_secret="")
        done = self.run_it("connect", "prod", "--option", "client_secret={env: FAKE_SECRET}")
        self.assertEqual((done.returncode, done.stdout), (0, "connected to `prod`\n"), done.stderr)

    def test_unknown_names(self):
        self.assertEqual(self.refused("connect", "prd"), "error HB-R004: no connection `prd`\nhint: did you mean `prod`?\n")
        self.set_up(client_sercet="x")
        message = self.refused("connect", "prod")
        self.assertEqual(message, f"error HB-R003: provider `{self.own['provider']}` has no setting `client_sercet`\n"
                                  f"  in {self.path}/.config/huntbook/huntbook.yaml:2\nhint: did you mean `client_secret`?\n")


class Pipes(ProviderTest):
    """A pipe that begins remotely and goes on here."""

    def setUp(self):
        super().setUp()
        self.authority = self.start(Authority())
        self.service = self.start(Kusto(self.authority))
        self.settings({"provider": "Kusto", "cluster": self.service.url, "database": "Logs", "tenant_id": "contoso.example", "client_id": "app-1",
                       "client_secret": {"env": "FAKE_SECRET"}, "authority": self.authority.url})

    def ask(self, text: str, *more: str, code=0):
        done = self.run_it("query", "-o", "json", text, *more)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) | {"stderr": done.stderr}

    def sent(self):
        return self.service.requests[-1].json()["csl"]

    def test_what_the_service_can_run_goes_there(self):
        for text, sent, rows in [
            ("SecurityEvent | where EventID == 4624 | take 4", "SecurityEvent\n| where EventID == 4624\n| take 4", 4),
            # `serialize` and what follows it stay here
            ("SecurityEvent | take 7 | serialize | where EventID == 4625", "SecurityEvent\n| take 7", 2),
            # so does what names something of this query, or of this machine
            ("SecurityEvent | where EventID == wanted", "SecurityEvent", 3),
            ("SecurityEvent | where Computer in (watched) | count", "SecurityEvent", 1),
            ("SecurityEvent | where Computer in ((watched | take 1))", "SecurityEvent", 1),
            # the order of `top` is made here again
            ("SecurityEvent | take 9 | top 2 by EventID asc | extend n = 1", "SecurityEvent\n| take 9\n| top 2 by EventID asc", 2),
            ("table('SecurityEvent') | take 3", "SecurityEvent\n| take 3", 3),
            ("SecurityEvent(1, ago(1d)) | take 3", "SecurityEvent(1, ago(1d))\n| take 3", 3),
        ]:
            lets = "let wanted = 4625; let watched = datatable(c:string)['WS-0003']; "
            answer = self.ask(f"{lets}cluster('prod').database('Logs').{text}")
            self.assertEqual((self.sent(), len(answer["rows"])), (sent, rows), text)

    def test_it_joins_what_is_here(self):
        answer = self.ask("cluster('prod').database('Logs').SecurityEvent | join kind=inner (datatable(Computer:string, Owner:string)"
                          "['WS-0002', 'ann']) on Computer | project Computer, Owner, N = Details.n")
        self.assertEqual(answer["rows"], [["WS-0002", "ann", 2]])
        answer = self.ask("union (cluster('prod').database('Logs').SecurityEvent | take 2), cluster('prod').database('Logs').SecurityEvent | count")
        self.assertEqual(answer["rows"], [[12]])

    def test_texts_go_as_they_are(self):
        answer = self.ask("evaluate source_request('prod', 'SecurityEvent | take 6 // as it is') | summarize n = count() by EventID | sort by EventID asc")
        self.assertEqual(self.sent(), "SecurityEvent | take 6 // as it is")
        self.assertEqual(answer["rows"], [[4624, 2], [4625, 2], [4626, 2]])
        self.assertIn("HB-R010", self.refused("query", "evaluate source_request('prod', 'SecurityEvent', 'Elsewhere')"))

    def test_what_is_lost_is_said(self):
        self.service.partial = True
        answer = self.ask("cluster('prod').database('Logs').SecurityEvent | serialize | count", code=3)
        self.assertEqual((answer["rows"], answer["completeness"], answer["reasons"]),
                         ([[10]], "partial", ["prod: the service failed in part: 1 of 16 shards did not answer"]))

    def test_failures_point_at_their_place(self):
        self.assertEqual(self.refused("query", "print 1 | union (cluster('prd').database('Logs').T)"),
                         "error HB-R004: no connection `prd`\n  at line 1, column 18\n"
                         "  | print 1 | union (cluster('prd').database('Logs').T)\n"
                         "    " + " " * 17 + "^" * 33 + "\nhint: did you mean `prod`?\n")
        self.assertIn("error HB-W003: nothing is asked of `127.0.0.1`", self.refused("query", "--offline", "cluster('prod').database('Logs').SecurityEvent"))

    def test_explain_shows_the_cut(self):
        done = self.run_it("query", "--explain", "cluster('prod').database('Logs').SecurityEvent | where EventID == 1 | serialize | count")
        self.assertEqual(done.stdout.split("\n\n")[0], "remote\nprod: SecurityEvent\n| where EventID == 1")
        self.assertEqual(self.service.requests, [])

    def test_packs_run_there(self):
        pack = self.path / "pack.yaml"
        pack.write_text("""
metadata: {version: 1, description: d, data_environments: [Kusto], data_families: [Mine]}
sources:
  few_events:
    description: A few events
    args: {query: "SecurityEvent | where Computer == '{host}' | take {n}"}
    parameters:
      host: {description: The machine, type: str}
      n: {description: How many, type: int, default: 3}
""")
        answer = self.ask("cluster('prod').database('Mine').few_events('WS-0001') | where EventID > 0 | count", "--query-path", str(pack))
        self.assertEqual(self.sent(), "SecurityEvent | where Computer == 'WS-0001' | take 3\n| where EventID > 0\n| count")
        self.ask("cluster('prod').database('Mine').few_events(n=2, host='x')", "--query-path", str(pack))
        self.assertEqual(self.sent(), "SecurityEvent | where Computer == 'x' | take 2")
        done = self.run_it("query", "cluster('prod').database('Mine').few_events(hots='x')", "--query-path", str(pack))
        self.assertIn("error HB-P010", done.stderr)


class KustoTest(Family):
    __test__ = True
    needs = "cluster"

    def make(self):
        self.service = self.start(Kusto(self.authority))
        self.own = {"provider": "Kusto", "cluster": self.service.url, "database": "Logs"}
        self.set_up()

    def test_version_one(self):
        self.set_up(protocol="v1")
        self.assertEqual(len(self.query("SecurityEvent")["rows"]), 10)
        self.service.data.rows = 600_000
        done = self.run_it("query", "--connect", "prod", "-o", "csv", "--out", "/dev/null", "SecurityEvent")
        self.assertEqual(done.returncode, 3)
        self.assertIn("E_QUERY_RESULT_SET_TOO_LARGE", done.stderr)
        self.assertEqual({r.path for r in self.service.requests}, {"/v1/rest/query"})

    def test_other_databases(self):
        self.assertIn("Entity ID 'Other' of kind 'Database' was not found.", self.refused("query", "--connect", "prod", "--database", "Other", "SecurityEvent"))

    def test_a_time_range_reaches_the_service(self):
        self.set_up(time_column="TimeGenerated")
        self.query("SecurityEvent", "--start", "2024-05-01", "--end", "2024-05-02")
        options = self.service.requests[-1].json()["properties"]["Options"]
        self.assertEqual({k: v for k, v in options.items() if "scope" in k},
                         {"query_datetimescope_column": "TimeGenerated", "query_datetimescope_from": "2024-05-01T00:00:00.0000000Z",
                          "query_datetimescope_to": "2024-05-01T23:59:59.9999999Z"})

    def test_recorded_reply(self):
        recorded = FIXTURES / "kusto/kusto_raw_resp.json"
        if not recorded.exists():
            self.skipTest("no recorded replies")
        self.service.data.recorded["Recorded"] = recorded.read_bytes()
        frames = json.loads(recorded.read_text())
        table = next(f for f in frames if f.get("TableKind") == "PrimaryResult")
        answer = self.query("Recorded")
        self.assertEqual([c["name"] for c in answer["columns"]], [c["ColumnName"] for c in table["Columns"]])
        self.assertEqual(len(answer["rows"]), len(table["Rows"]))
        for kind in ("int", "long", "bool"):
            at = [i for i, c in enumerate(table["Columns"]) if c["ColumnType"] == kind]
            self.assertEqual([[r[i] for i in at] for r in answer["rows"]], [[r[i] for i in at] for r in table["Rows"]])


class LogAnalyticsTest(Family):
    __test__ = True
    needs = "workspace_id"

    def make(self):
        self.service = self.start(LogAnalytics(self.authority))
        self.own = {"provider": "MSSentinel", "workspace_id": WORKSPACE, "endpoint": self.service.url}
        self.set_up()

    def test_several_workspaces_and_a_time_range(self):
        self.set_up(workspace_id=[WORKSPACE, "11111111-0000-0000-0000-000000000002"])
        self.query("SecurityEvent", "--start", "2024-05-01", "--end", "2024-05-02T12:00")
        self.assertEqual(self.service.requests[-1].json(), {
            "query": "SecurityEvent", "timespan": "2024-05-01T00:00:00.0000000Z/2024-05-02T11:59:59.9999999Z",
            "workspaces": ["11111111-0000-0000-0000-000000000002"]})

    def test_an_unknown_workspace(self):
        self.set_up(workspace_id="22222222-0000-0000-0000-000000000001")
        self.assertEqual(self.refused("connect", "prod"),
                         "error HB-R010: `127.0.0.1` knows no such thing (/v1/workspaces/22222222-0000-0000-0000-000000000001/query): "
                         "WorkspaceNotFoundError: The workspace could not be found\nhint: check the names in the connection's settings\n")

    def test_search(self):
        self.set_up(provider="MSSentinelSearch")
        self.assertIn("a search needs a start and an end", self.refused("query", "--connect", "prod", "SecurityEvent"))
        answer = self.query("SecurityEvent", "--start", "2024-05-01", "--end", "2024-05-02")
        self.assertEqual((len(answer["rows"]), answer["rows"][1][2]), (10, 4625))
        self.assertEqual(self.service.requests[-1].json(), {"query": "SecurityEvent", "start": "2024-05-01T00:00:00.0000000Z", "end": "2024-05-01T23:59:59.9999999Z"})

    def test_recorded_replies(self):
        if not (FIXTURES / "azmondata").exists():
            self.skipTest("no recorded replies")
        recorded = (FIXTURES / "azmondata/az_mon_raw_query.json").read_bytes()
        self.service.data.recorded["Recorded"] = recorded
        table = json.loads(recorded)["tables"][0]
        answer = self.query("Recorded")
        self.assertEqual([(c["name"], c["type"]) for c in answer["columns"]], [(c["name"], c["type"]) for c in table["columns"]])
        self.assertEqual(len(answer["rows"]), len(table["rows"]))
        self.service.managed = (FIXTURES / "azmondata/az_mon_schema.json").read_bytes()
        self.set_up(subscription_id="s", resource_group="g", workspace="w", management_endpoint=self.service.url)
        done = self.run_it("connect", "prod", "--schema", "-o", "json")
        tables = {r[0] for r in json.loads(done.stdout)["rows"]}
        self.assertEqual(tables, {t["properties"]["schema"]["name"] for t in json.loads(self.service.managed)["value"]})

    def test_clouds(self):
        self.set_up(cloud="mars")
        self.assertEqual(self.refused("connect", "prod"),
                         f"error HB-R003: setting `cloud` cannot be `mars`\n  in {self.path}/.config/huntbook/huntbook.yaml:2\n"
                         "hint: global, us_government or china\n")


def load_tests(loader, _, __):
    suite = unittest.TestSuite()
    for case in (KustoTest, LogAnalyticsTest, Pipes):
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
