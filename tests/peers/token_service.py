"""STS as the service is told of it: what it is sent is noted, and goes on to an AWS that we did not write."""

import contextlib
import http.server
import threading
import urllib.error
import urllib.parse
import urllib.request


@contextlib.contextmanager
def before(upstream):
    """Its URL, and the web-identity tokens that come."""
    tokens = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            tokens.extend(urllib.parse.parse_qs(body.decode()).get("WebIdentityToken", []))
            status, kind, answer = asked(upstream, dict(self.headers), body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", tokens
        server.shutdown()


def asked(upstream, headers, body):
    try:
        with urllib.request.urlopen(urllib.request.Request(upstream, body, headers), timeout=60) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["content-type"], error.read()
