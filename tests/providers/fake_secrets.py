"""Services of secrets, strict as the real ones: Azure Key Vault, AWS Secrets Manager, HashiCorp Vault."""
import hashlib
import hmac
import json
import time
import datetime

from fake import Authority, Reply, Request, Service, as_json


class KeyVault(Service):
    def __init__(self, authority: Authority):
        super().__init__()
        self.authority = authority
        self.secrets = {"prod": {"": "canary-vault", "v1": "canary-old"}}

    def handle(self, request: Request) -> Reply:
        self.must(request.method == "GET", "a secret is read with GET")
        self.must(request.query == {"api-version": "7.4"}, f"the version of the interface is named: {request.query}")
        self.authority.check(self, request, "https://vault.azure.net/.default")
        parts = request.path.strip("/").split("/")
        self.must(parts[0] == "secrets" and len(parts) in (2, 3), request.path)
        versions = self.secrets.get(parts[1])
        value = (versions or {}).get(parts[2] if len(parts) > 2 else "")
        if value is None:
            return as_json({"error": {"code": "SecretNotFound", "message": f"A secret with (name/id) {parts[1]} was not found in this key vault."}}, 404)
        return as_json({"value": value, "id": f"{self.url}{request.path}", "attributes": {"enabled": True}})


class SecretsManager(Service):
    """Verifies every signature on its own."""
    access, secret, session, region = "AKIDEXAMPLE", "canary-aws-key", "", "eu-west-1"

    def __init__(self):
        super().__init__()
        self.secrets = {"prod": json.dumps({"token": "canary-aws", "number": 1}), "plain": "canary-plain"}

    def signature(self, request: Request, scope: str, names: str) -> str:
        headers = "".join(f"{name}:{request.headers[name]}\n" for name in names.split(";"))
        canonical = "\n".join([request.method, request.path, "", headers, names, hashlib.sha256(request.body).hexdigest()])
        text = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = b"AWS4" + self.secret.encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def handle(self, request: Request) -> Reply:
        def refuse(kind, message, status=400):
            return as_json({"__type": "com.amazonaws.secretsmanager#" + kind, "Message": message}, status)

        self.must(request.method == "POST" and request.path == "/", "calls go to / with POST")
        self.must(request.headers.get("content-type") == "application/x-amz-json-1.1", "the content type is that of JSON 1.1")
        self.must(request.headers.get("x-amz-target") == "secretsmanager.GetSecretValue", "the call is named")
        sent = request.headers.get("authorization", "")
        self.must(sent.startswith("AWS4-HMAC-SHA256 "), "the request is signed")
        parts = dict(part.strip().split("=", 1) for part in sent[len("AWS4-HMAC-SHA256 "):].split(","))
        access, _, scope = parts["Credential"].partition("/")
        names = parts["SignedHeaders"].split(";")
        self.must(names == sorted(names) and {"host", "x-amz-date", "x-amz-target", "content-type"} <= set(names), "what matters is signed")
        when = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        self.must(abs(when.timestamp() - time.time()) < 300, "the date is that of now")
        self.must(scope == f"{request.headers['x-amz-date'][:8]}/{self.region}/secretsmanager/aws4_request", f"the scope is right: {scope}")
        self.must(request.headers.get("x-amz-security-token", "") == self.session, "the session's token comes along")
        self.must(not self.session or "x-amz-security-token" in names, "the session's token is signed")
        if access != self.access:
            return refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
        if not hmac.compare_digest(parts["Signature"], self.signature(request, scope, parts["SignedHeaders"])):
            return refuse("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.")
        name = request.json()["SecretId"]
        if name not in self.secrets:
            return refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return as_json({"Name": name, "SecretString": self.secrets[name], "VersionId": request.json().get("VersionId", "1")})


class Vault(Service):
    token, space = "canary-vault-token", ""

    def __init__(self):
        super().__init__()
        self.data = {"/v1/secret/data/prod": {"data": {"token": "canary-two"}, "metadata": {"version": 3}},
                     "/v1/kv/prod": {"token": "canary-one"}}

    def handle(self, request: Request) -> Reply:
        self.must(request.method == "GET" and request.query == {}, "a secret is read with GET")
        self.must(request.headers.get("x-vault-request") == "true", "the request is marked as one")
        if request.headers.get("x-vault-token") != self.token:
            return as_json({"errors": [f"permission denied for {request.headers.get('x-vault-token')}"]}, 403)
        if request.headers.get("x-vault-namespace", "") != self.space or request.path not in self.data:
            return as_json({"errors": []}, 404)
        return as_json({"request_id": "r", "lease_id": "", "data": self.data[request.path], "warnings": None})
