"""What the fake services share: a strict HTTP server on loopback that can be told to misbehave.

A service is a class with `handle(request) -> Reply`. Faults are queued by the tests and met in order, one for each
request that their `match` fits; everything that a client does wrong is kept in `violations`.
"""
import email.utils
import http.server
import json
import socket
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)

    def form(self):
        return {k: v[0] for k, v in urllib.parse.parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True).items()}


@dataclass
class Reply:
    status: int = 200
    body: object = b""  # bytes, or an iterable of bytes, which is sent chunked
    headers: dict = field(default_factory=dict)
    type: str = "application/json; charset=utf-8"


def as_json(value, status=200, **headers) -> Reply:
    return Reply(status, json.dumps(value).encode(), headers)


@dataclass
class Fault:
    """One misbehaviour: kind is throttle, error, wrong_type, truncate, kill, drip, redirect or expire."""
    kind: str
    match: str = ""  # part of the path
    status: int = 429
    retry_after: object = None  # seconds, or "date" for a date one second on
    after: int = 0  # bytes of the body that still go out
    pause: float = 0.0
    location: str = ""
    body: bytes = b""


class Refusal(Exception):
    """A request that the service does not take: its status and body."""

    def __init__(self, reply: Reply):
        self.reply = reply


class Service:
    """One fake service with its port; `with Service() as s` runs it."""

    def __init__(self):
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def log_message(self, *_):
                pass

            def setup(self):
                super().setup()
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def answer(self):
                service.serve(self)

            do_GET = do_POST = do_PUT = do_DELETE = answer

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, request: Request) -> Reply:
        raise NotImplementedError

    def must(self, condition, what: str):
        """A rule of the protocol: who breaks it is refused, and the test fails."""
        if not condition:
            with self.lock:
                self.violations.append(what)
            raise Refusal(as_json({"error": {"code": "BadRequest", "message": what}}, 400))

    def count(self, part: str) -> int:
        return sum(part in r.path for r in self.requests)

    def _fault(self, path: str):
        with self.lock:
            for i, fault in enumerate(self.faults):
                if fault.match in path:
                    return self.faults.pop(i)
        return None

    def serve(self, handler):
        split = urllib.parse.urlsplit(handler.path)
        headers = {k.lower(): v for k, v in handler.headers.items()}
        body = handler.rfile.read(int(headers.get("content-length", 0)))
        request = Request(handler.command, urllib.parse.unquote(split.path),
                          {k: v[0] for k, v in urllib.parse.parse_qs(split.query, keep_blank_values=True).items()}, headers, body)
        with self.lock:
            self.requests.append(request)
        fault = self._fault(request.path)
        if fault and fault.kind == "expire":
            self.expire()
            fault = None
        if fault and fault.kind in ("throttle", "error"):
            reply = Reply(fault.status, fault.body or b"{}")
            if fault.retry_after is not None:
                date = fault.retry_after == "date"
                reply.headers["Retry-After"] = email.utils.formatdate(time.time() + 1, usegmt=True) if date else str(fault.retry_after)
        elif fault and fault.kind == "redirect":
            reply = Reply(302, b"", {"Location": fault.location})
        else:
            try:
                reply = self.handle(request)
            except Refusal as refusal:
                reply = refusal.reply
            except Exception as error:  # a bug of the fake, or a request that it did not expect
                with self.lock:
                    self.violations.append(f"{request.method} {request.path}: {error!r}")
                reply = as_json({"error": {"code": "Internal", "message": repr(error)}}, 500)
        if fault and fault.kind == "wrong_type":
            reply = Reply(200, fault.body or b"<html><body>Sign in to the proxy</body></html>", type="text/html")
        try:
            self._send(handler, reply, fault if fault and fault.kind in ("truncate", "kill", "drip") else None)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True
        except Exception as error:
            with self.lock:
                self.violations.append(f"{request.method} {request.path}: {error!r}")
            handler.close_connection = True

    def _send(self, handler, reply: Reply, fault):
        whole = isinstance(reply.body, bytes)
        handler.send_response(reply.status)
        handler.send_header("Content-Type", reply.type)
        for name, value in reply.headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if whole:
            handler.send_header("Content-Length", str(len(reply.body)))
        else:
            handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        sent = 0
        for piece in [reply.body] if whole else reply.body:
            if fault and sent + len(piece) > fault.after:
                rest = piece[:max(0, fault.after - sent)]
                self._chunk(handler, rest, whole)
                if fault.kind == "drip":
                    for byte in piece[len(rest):]:
                        time.sleep(fault.pause)
                        self._chunk(handler, bytes([byte]), whole)
                    sent += len(piece)
                    continue
                handler.wfile.flush()
                if fault.kind == "kill":  # a reset in place of an end
                    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    time.sleep(0.2)  # what was sent before the reset shall arrive
                handler.connection.shutdown(socket.SHUT_RDWR) if fault.kind == "truncate" else handler.connection.close()
                handler.close_connection = True
                return
            self._chunk(handler, piece, whole)
            sent += len(piece)
        if not whole:
            handler.wfile.write(b"0\r\n\r\n")
        handler.wfile.flush()

    @staticmethod
    def _chunk(handler, piece: bytes, whole: bool):
        if not piece:
            return
        handler.wfile.write(piece if whole else b"%x\r\n%s\r\n" % (len(piece), piece))

    def expire(self):
        """What the service gave out as a sign-in is no longer good."""
        raise NotImplementedError


class Authority(Service):
    """The token service of Microsoft's clouds: client credentials, tokens that can be made to end."""

    def __init__(self, tenant="contoso.example", client="app-1", secret="canary-7f3a"):
        super().__init__()
        self.tenant, self.client, self.secret = tenant, client, secret
        self.given = 0
        self.valid: dict[str, str] = {}  # token -> scope
        self.seconds = 3600

    def handle(self, request: Request) -> Reply:
        self.must(request.method == "POST", "tokens are asked for with POST")
        self.must(request.headers.get("content-type") == "application/x-www-form-urlencoded", "the form has its content type")
        form = request.form()

        def refuse(error, description):
            return as_json({"error": error, "error_description": description, "error_codes": [1], "trace_id": "t"}, 401)

        if request.path != f"/{self.tenant}/oauth2/v2.0/token":
            return refuse("invalid_request", "AADSTS90002: Tenant not found. Check the tenant ID.\r\nTrace ID: 1")
        self.must(form.get("grant_type") == "client_credentials", "the grant is client_credentials")
        self.must(form.get("scope", "").endswith("/.default"), "an application asks for a .default scope")
        if form.get("client_id") != self.client:
            return refuse("unauthorized_client", f"AADSTS700016: Application '{form.get('client_id')}' was not found.\r\nTrace ID: 1")
        if form.get("client_secret") != self.secret:
            return refuse("invalid_client", f"AADSTS7000215: Invalid client secret '{form.get('client_secret')}' provided.\r\nTrace ID: 1")
        self.given += 1
        token = f"canary-token-{self.given}"
        self.valid[token] = form["scope"]
        return as_json({"token_type": "Bearer", "expires_in": self.seconds, "access_token": token})

    def expire(self):
        self.valid.clear()

    def check(self, service: Service, request: Request, scope: str):
        """Refuses a request without a token that is good for the scope."""
        sent = request.headers.get("authorization", "")
        service.must(sent.startswith("Bearer "), "requests carry a bearer token")
        token = sent[len("Bearer "):]
        if token not in self.valid:
            raise Refusal(as_json({"error": {"code": "InvalidTokenError", "message": f"The token {token} is not valid or has ended"}}, 401))
        service.must(self.valid[token] == scope, f"the token is for {self.valid[token]}, not {scope}")
