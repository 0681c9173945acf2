"""What stands before servers in many places, and answers for them when they are away."""

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gateway:
    """
    Passes requests on.

    :param refusals: answers it gives before it does: status and headers each
    """

    def __init__(self, url, refusals):
        self.seen = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if body == b"[]":
                    return self.answer(502, {}, b"<html>not yet</html>")
                gateway.seen.append(self.path)
                if refusals:
                    return self.answer(*refusals.pop(0), b"<html>busy</html>")
                request = urllib.request.Request(
                    url + self.path.replace("/behind", "", 1), body, dict(self.headers)
                )
                with urllib.request.urlopen(request) as response:
                    return self.answer(response.status, {}, response.read())

            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(body)}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/behind"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
