#!/usr/bin/env python3
"""Every way to sign in, and every place of secrets, end to end: sign_in_test.py HUNTBOOK SOURCE_DIR."""
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common import ProviderTest
from fake import Authority, Fault, Reply, Request, Service, as_json
from fake_kusto import LogAnalytics
from fake_secrets import KeyVault, SecretsManager, Vault

WORKSPACE = "11111111-0000-0000-0000-000000000001"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def unbase64(text: str) -> bytes:
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class TokenServer(Authority):
    """Verifies assertions with the openssl command, hands out device codes, knows renewal tokens."""

    def __init__(self):
        super().__init__()
        self.certificate: Path | None = None  # PEM
        self.federated: set[str] = set()
        self.seen: set[str] = set()  # ids of assertions
        self.codes: dict[str, int] = {}  # device code -> answers until it is typed
        self.renewals: set[str] = set()
        self.public = True
        self.declined = False

    def openssl(self, *words: str, **more) -> bytes:
        return subprocess.run(["openssl", *words], check=True, capture_output=True, **more).stdout

    def verify(self, jwt: str) -> str:
        """The error's text, or none."""
        if jwt in self.federated:
            return ""
        if jwt.count(".") != 2 or self.certificate is None:
            return "AADSTS700213: No matching federated identity record found for presented assertion"
        header, claims = (json.loads(unbase64(part)) for part in jwt.split(".")[:2])
        der = self.openssl("x509", "-in", str(self.certificate), "-outform", "DER")
        if unbase64(header["x5t#S256"]) != hashlib.sha256(der).digest():
            return "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered"
        self.must(set(header) == {"alg", "typ", "x5t#S256"} and header["typ"] == "JWT", f"the header is {header}")
        self.must(claims["aud"] == f"{self.url}/{self.tenant}/oauth2/v2.0/token", f"the audience is {claims['aud']}")
        self.must(claims["iss"] == claims["sub"] == self.client, "issuer and subject are the application")
        self.must(claims["nbf"] <= time.time() <= claims["exp"] <= time.time() + 3600, "the times are right")
        self.must(claims["jti"] not in self.seen, "an assertion is used once")
        self.seen.add(claims["jti"])
        folder = self.certificate.parent
        (folder / "signature").write_bytes(unbase64(jwt.split(".")[2]))
        (folder / "public").write_bytes(self.openssl("x509", "-in", str(self.certificate), "-pubkey", "-noout"))
        options = {"PS256": ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"], "RS256": []}[header["alg"]]
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(folder / "public"), *options, "-signature", str(folder / "signature")],
                              input=jwt.rpartition(".")[0].encode(), capture_output=True)
        return "" if done.returncode == 0 else "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered"

    def refuse(self, error: str, description: str) -> Reply:
        return as_json({"error": error, "error_description": description + "\r\nTrace ID: 1"}, 401 if error == "invalid_client" else 400)

    def give(self, scope: str, **more) -> Reply:
        self.given += 1
        token = f"canary-token-{self.given}"
        self.valid[token] = scope
        return as_json({"token_type": "Bearer", "expires_in": self.seconds, "access_token": token, **more})

    def handle(self, request: Request) -> Reply:
        if request.method == "GET":
            return self.identity(request)
        form = request.form()
        base = f"/{self.tenant}/oauth2/v2.0/"
        if request.path == base + "devicecode":
            self.must(set(form) == {"client_id", "scope"} and form["scope"].endswith(" offline_access"), f"the form is {form}")
            code = f"canary-code-{len(self.codes)}"
            self.codes[code] = 2
            return as_json({"device_code": code, "user_code": "ABCD-EFGH", "verification_uri": "https://login.example/device",
                            "expires_in": 900, "interval": 1, "message": "go"})
        grant = form.get("grant_type")
        if grant == "urn:ietf:params:oauth:grant-type:device_code":
            if not self.public:
                return self.refuse("invalid_client", "AADSTS7000218: The request body must contain: 'client_assertion' or 'client_secret'.")
            code = form["device_code"]
            self.must(code in self.codes, "the code is one that was given")
            if self.declined:
                return self.refuse("authorization_declined", "AADSTS70000: declined")
            self.codes[code] -= 1
            if self.codes[code] > 0:
                return self.refuse("authorization_pending", "AADSTS70016: pending")
            return self.person(self.scope)
        if grant == "refresh_token":
            if form["refresh_token"] not in self.renewals:
                return self.refuse("invalid_grant", f"AADSTS700082: The refresh token {form['refresh_token']} has expired")
            self.renewals.remove(form["refresh_token"])
            return self.person(form["scope"].split(" ")[0])
        if "client_assertion" in form:
            self.must(request.path == base + "token" and form.get("client_assertion_type") == BEARER, "the assertion has its type")
            self.must(grant == "client_credentials" and form["scope"].endswith("/.default"), f"the form is {form}")
            if failure := self.verify(form["client_assertion"]):
                return self.refuse("invalid_client", failure)
            return self.give(form["scope"])
        return super().handle(request)

    scope = ""

    def person(self, scope: str) -> Reply:
        renewal = f"canary-renewal-{self.given}"
        self.renewals.add(renewal)
        return self.give(scope, refresh_token=renewal)

    def identity(self, request: Request) -> Reply:
        self.must(request.path == "/msi/token" and request.query.get("api-version") == "2019-08-01", f"{request.path} {request.query}")
        if request.headers.get("x-identity-header") != "canary-header":
            return self.refuse("invalid_client", "no identity header")
        return self.give(request.query["resource"] + "/.default", expires_on=str(int(time.time()) + 3600))


class Signed(ProviderTest):
    def setUp(self):
        super().setUp()
        self.authority = self.start(TokenServer())
        self.service = self.start(LogAnalytics(self.authority))
        self.authority.scope = self.service.url + "/.default"

    def set_up(self, **more):
        self.settings({"provider": "MSSentinel", "workspace_id": WORKSPACE, "endpoint": self.service.url, "authority": self.authority.url,
                       "tenant_id": self.authority.tenant, "client_id": self.authority.client, **more})

    def connects(self, err="", **environment):
        done = self.run_it("connect", "prod", **environment)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "connected to `prod`\n", err))

    def refused(self, *words, **environment):
        """Without the line that names the place."""
        return re.sub(r"\n  in \S+:\d+\n", "\n", super().refused(*words, **environment))

    def make_certificate(self, name="app"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.path / f"{name}.key", "-out", self.path / f"{name}.crt",
                        "-days", "2", "-subj", "/CN=app"], check=True, capture_output=True)
        both = (self.path / f"{name}.key").read_bytes() + (self.path / f"{name}.crt").read_bytes()
        (self.path / f"{name}.pem").write_bytes(both)
        for ending in ("key", "pem"):
            (self.path / f"{name}.{ending}").chmod(0o600)
        return self.path / f"{name}.crt"


class Ways(Signed):
    def test_certificate(self):
        self.authority.certificate = self.make_certificate()
        self.set_up(certificate="../../app.pem")  # beside the settings
        self.connects()
        self.set_up(certificate=str(self.path / "app.crt"), private_key={"file": str(self.path / "app.key")}, certificate_algorithm="RS256")
        self.connects()
        self.service.faults = [Fault("expire", "query")]
        self.connects()  # a new assertion for the new token
        self.make_certificate("other")
        self.set_up(certificate=str(self.path / "other.pem"))
        self.assertIn("HB-R102: sign-in refused (invalid_client): AADSTS700027: The certificate", message := self.refused("connect", "prod"))
        self.assertIn("hint: the certificate is not registered with the application, or has ended: upload it there\n", message)
        (self.path / "app.pem").chmod(0o644)
        self.set_up(certificate=str(self.path / "app.pem"))
        message = self.refused("connect", "prod")
        self.assertIn("setting `certificate`", message)
        self.assertIn(f"hint: chmod 600 {self.path}/app.pem\n", message)

    def test_workload_identity(self):
        (self.path / "token").write_text("canary.federated.token\n")
        self.authority.federated.add("canary.federated.token")
        self.set_up(federated_token_file=str(self.path / "token"))
        self.connects()
        self.set_up(sign_in="workload_identity")
        self.connects(AZURE_FEDERATED_TOKEN_FILE=str(self.path / "token"))
        (self.path / "token").write_text("canary-other")
        self.assertEqual(self.refused("connect", "prod", AZURE_FEDERATED_TOKEN_FILE=str(self.path / "token")),
                         "error HB-R102: sign-in refused (invalid_client): AADSTS700213: No matching federated identity record found for presented "
                         "assertion\nhint: no federated credential has this subject: check the application's federated credentials\n")

    def test_environment(self):
        self.settings({"provider": "MSSentinel", "workspace_id": WORKSPACE, "endpoint": self.service.url, "sign_in": "environment"})
        all_of_it = {"AZURE_TENANT_ID": self.authority.tenant, "AZURE_CLIENT_ID": "app-1", "AZURE_AUTHORITY_HOST": self.authority.url}
        self.connects(AZURE_CLIENT_SECRET="canary-7f3a", **all_of_it)
        self.authority.certificate = self.make_certificate()
        self.connects(AZURE_CLIENT_CERTIFICATE_PATH=str(self.path / "app.pem"), **all_of_it)

    def test_managed_identity(self):
        self.set_up(sign_in="managed_identity")
        self.connects(IDENTITY_ENDPOINT=self.authority.url + "/msi/token", IDENTITY_HEADER="canary-header")

    def test_azure_cli(self):
        (self.path / "bin").mkdir()
        (self.path / "bin/az").write_text(f"""#!/bin/sh
test "$*" = "account get-access-token --output json --scope {self.service.url}/.default --tenant contoso.example" || exit 9
echo '{{"accessToken":"canary-cli","expires_on":99999999999,"tokenType":"Bearer"}}'
""")
        (self.path / "bin/az").chmod(0o755)
        self.authority.valid["canary-cli"] = self.service.url + "/.default"
        self.set_up(sign_in="azure_cli")
        self.connects(PATH=f"{self.path}/bin:/usr/bin:/bin")
        self.assertEqual(self.refused("connect", "prod", PATH="bin:/usr/bin:/bin"),
                         "error HB-R106: the Azure CLI (`az`) is in no folder of PATH\nhint: install it, or choose another `sign_in`\n")
        self.assertIn("runs offline", self.refused("connect", "prod", "--offline", PATH=f"{self.path}/bin:/usr/bin:/bin"))

    def test_device_code(self):
        self.set_up(sign_in="device_code")
        shown = "To sign in, open https://login.example/device and type the code ABCD-EFGH\n"
        self.connects(err=shown)
        self.connects(err=shown)  # there is no keyring: nothing was kept
        self.assertEqual([file for file in self.path.rglob("*") if file.is_file() and file.name != "huntbook.yaml"], [])
        self.authority.declined = True
        self.assertEqual(self.refused("connect", "prod"), shown + "error HB-R104: the sign-in was declined in the browser\n")
        self.authority.declined, self.authority.public = False, False
        self.assertIn("hint: the application is not public: allow public client flows in its registration, or use another `sign_in`\n",
                      self.refused("connect", "prod"))

    def test_chain(self):
        self.set_up(sign_in=["workload_identity", "client_secret"], client_secret={"env": "FAKE_SECRET"})
        self.connects()
        self.assertIn("no way to sign in worked; workload_identity: setting `federated_token_file` is missing; client_secret: sign-in refused",
                      self.refused("connect", "prod", FAKE_SECRET="canary-wrong"))


class Keyring(Signed):
    """The same with a Secret Service on a bus of its own: the renewal token outlives the program, encrypted."""

    def setUp(self):
        super().setUp()
        fake = Path(__file__).parent / "fake_keyring.py"
        if not shutil.which("dbus-run-session"):
            self.skipTest("dbus-run-session is not there")
        self.bus = subprocess.Popen(["dbus-run-session", "--", "/usr/bin/python3", str(fake)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.bus.stdout.close)
        self.addCleanup(self.bus.wait)
        self.addCleanup(self.bus.terminate)
        address = self.bus.stdout.readline().strip()
        if not address:
            self.skipTest("python3-dbus or python3-gi is not there")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address

    def test_device_code(self):
        self.set_up(sign_in="device_code")
        shown = "To sign in, open https://login.example/device and type the code ABCD-EFGH\n"
        self.connects(err=shown)
        kept = list((self.path / ".cache/huntbook/tokens").iterdir())
        self.assertEqual([(len(file.name), oct(file.stat().st_mode)[-3:]) for file in kept], [(64, "600")])
        self.assertNotIn(b"canary", kept[0].read_bytes())
        self.connects()
        self.connects()  # each renewal is kept in place of the last
        self.authority.renewals.clear()
        self.connects(err=shown)
        kept[0].write_bytes(kept[0].read_bytes()[:-1] + b"x")
        self.connects(err=shown)

    def test_settings(self):
        self.set_up()
        done = self.run_it("config", "set", "--keep-in-service", "connections.prod.client_secret", stdin="canary-7f3a\n")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        done = self.run_it("config", "get", "connections.prod.client_secret")
        self.assertEqual(done.stdout, "{secret_service: {service: huntbook, account: connections.prod.client_secret}}\n")
        self.connects()


class Places(Signed):
    """Secrets that stand in other services."""

    def test_key_vault(self):
        vault = self.start(KeyVault(self.authority))
        vault.secrets["prod"][""] = "canary-7f3a"
        reference = {"vault": vault.url, "secret": "prod", "sign_in": "environment"}
        variables = {"AZURE_TENANT_ID": self.authority.tenant, "AZURE_CLIENT_ID": "app-1", "AZURE_CLIENT_SECRET": "canary-7f3a",
                     "AZURE_AUTHORITY_HOST": self.authority.url}
        self.set_up(client_secret={"key_vault": reference})
        self.connects(**variables)
        self.assertEqual(vault.count("/secrets/prod"), 1)
        self.set_up(client_secret={"key_vault": {**reference, "secret": "nope"}})
        self.assertIn("`connections.prod.client_secret` refers to `key_vault`: ", message := self.refused("connect", "prod", **variables))
        self.assertIn("SecretNotFound", message)
        self.set_up(client_secret={"key_vault": {**reference, "version": "v1"}})
        self.assertIn("Invalid client secret '***'", self.refused("connect", "prod", **variables))

    def test_aws(self):
        manager = self.start(SecretsManager())
        manager.secrets["prod"] = json.dumps({"token": "canary-7f3a", "number": 1})
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary-aws-key", "AWS_ENDPOINT_URL_SECRETS_MANAGER": manager.url}
        self.set_up(client_secret={"aws_secret": {"secret": "prod", "region": "eu-west-1", "key": "token"}})
        self.connects(**keys)
        manager.session = "canary-session"
        self.connects(**keys, AWS_SESSION_TOKEN="canary-session")
        manager.session = ""
        wrong = "`connections.prod.client_secret` refers to `aws_secret`: "
        self.assertIn(wrong + "AWS answered 400 InvalidSignatureException: The request signature we calculated does not match the signature you provided.\n"
                      "hint: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and this machine's clock\n",
                      self.refused("connect", "prod", **{**keys, "AWS_SECRET_ACCESS_KEY": "canary-bad"}))
        self.assertIn(wrong + "no keys for AWS\n", self.refused("connect", "prod", AWS_ENDPOINT_URL_SECRETS_MANAGER=manager.url))
        (self.path / ".aws").mkdir()
        profile = self.path / ".aws/credentials"
        profile.write_text("[default]\naws_access_key_id = AKIDWRONG\naws_secret_access_key = canary-x\n\n[ work ]\n# mine\naws_access_key_id=AKIDEXAMPLE\n"
                           "aws_secret_access_key = canary-aws-key\n")
        profile.chmod(0o600)
        self.connects(AWS_ENDPOINT_URL_SECRETS_MANAGER=manager.url, AWS_PROFILE="work")
        self.assertIn("UnrecognizedClientException", self.refused("connect", "prod", AWS_ENDPOINT_URL_SECRETS_MANAGER=manager.url))
        profile.chmod(0o640)
        self.assertIn("has mode 0640", self.refused("connect", "prod", AWS_ENDPOINT_URL_SECRETS_MANAGER=manager.url))
        self.set_up(client_secret={"aws_secret": {"secret": "prod", "region": "eu-west-1", "key": "tokn"}})
        self.assertIn(wrong + "`prod` has no key `tokn`\nhint: did you mean `token`?\n", self.refused("connect", "prod", **keys))
        self.set_up(client_secret={"aws_secret": "nope"})
        self.assertIn(wrong + "no region of AWS is named\nhint: set `region`, or AWS_REGION\n", self.refused("connect", "prod", **keys))
        self.assertIn("ResourceNotFoundException", self.refused("connect", "prod", **keys, AWS_REGION="eu-west-1"))

    def test_hashicorp(self):
        vault = self.start(Vault())
        vault.data["/v1/secret/data/prod"]["data"]["token"] = "canary-7f3a"
        vault.data["/v1/kv/prod"]["token"] = "canary-7f3a"
        address = {"VAULT_ADDR": vault.url}
        for path in ("secret/data/prod", "kv/prod"):
            self.set_up(client_secret={"hashicorp_vault": {"path": path, "key": "token"}})
            self.connects(VAULT_TOKEN="canary-vault-token", **address)
        vault.space = "team"
        self.set_up(client_secret={"hashicorp_vault": {"path": "kv/prod", "key": "token", "namespace": "team", "address": vault.url}})
        (self.path / ".vault-token").write_text("canary-vault-token")
        (self.path / ".vault-token").chmod(0o600)
        self.connects()
        wrong = "`connections.prod.client_secret` refers to `hashicorp_vault`: "
        self.assertIn(wrong + "the vault refuses: permission denied for ***\n", self.refused("connect", "prod", VAULT_TOKEN="canary-bad"))
        self.set_up(client_secret={"hashicorp_vault": {"path": "secret/prod", "key": "token"}})
        self.assertIn(wrong + "the vault has nothing at `secret/prod`\nhint: the path of a version 2 store holds data: secret/data/prod\n",
                      self.refused("connect", "prod", **address))
        self.assertIn(wrong + "no address of the vault\n", self.refused("connect", "prod"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
