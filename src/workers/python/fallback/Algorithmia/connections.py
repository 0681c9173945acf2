"""HTTP to one address, over connections that are kept and used again."""

import http.client
import os
import select
import shutil
import ssl
import time
from urllib.parse import urlsplit

from Algorithmia.answer import Answer
from Algorithmia.errors import ApiError

# Below the 5 s after which a Node server or a proxy may by default close an idle one.
MAX_IDLE_S = 4
_BLOCK_BYTES = 64 * 1024


class Connections:
    """Any number of threads may send at once, and a forked process opens its own."""

    def __init__(self, address, ca_cert):
        self._address = address
        self._ca_cert = ca_cert
        self._url = _checked(address)
        self._idle = []
        self._pid = os.getpid()

    def send(self, method, path, headers, body, into):
        """
        body: bytes, or an open binary file, sent from its beginning.
        into: a binary file that gets the content of a successful answer.
        Raises ApiError where there is no answer. Nothing is ever sent twice.
        """
        connection = self._take()
        path = self._url.path.rstrip("/") + path
        try:
            answer = _exchange(connection, method, path, headers, body, into)
        except BaseException as error:
            connection.close()
            if isinstance(error, (OSError, http.client.HTTPException)):
                raise ApiError(f"no answer from {self._address}: {error!r}") from error
            raise
        if connection.sock is not None:
            self._idle.append((connection, time.monotonic()))
        return answer

    def _take(self):
        if self._pid != os.getpid():
            self._pid, self._idle = os.getpid(), []
        while True:
            try:
                connection, since = self._idle.pop()
            except IndexError:
                return self._open()
            if time.monotonic() - since < MAX_IDLE_S and not _has_ended(connection):
                return connection
            connection.close()

    def _open(self):
        host, port = self._url.hostname, self._url.port
        if self._url.scheme == "http":
            return http.client.HTTPConnection(host, port, blocksize=_BLOCK_BYTES)
        context = ssl.create_default_context()
        if self._ca_cert:
            context.load_verify_locations(self._ca_cert)
        elif self._ca_cert is False:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(
            host, port, blocksize=_BLOCK_BYTES, context=context
        )


def _checked(address):
    url = urlsplit(address or "")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ApiError(
            "ALGORITHMIA_API, or the api_address of the client, must be the address of "
            f"a server, such as http://localhost:8080, and is {address!r}"
        )
    if url.hostname.endswith(".invalid"):
        raise ApiError(
            f"there is no server to ask ({address}): other algorithms can be called and "
            "data:// read where the algorithm runs under applyd serve"
        )
    return url


def _has_ended(connection):
    """Nothing is to come on an idle connection but its end."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _exchange(connection, method, path, headers, body, into):
    if hasattr(body, "fileno"):
        headers = {**headers, "Content-Length": str(os.fstat(body.fileno()).st_size)}
    try:
        connection.request(method, path, body, headers)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it may have refused before it had read all, and said why
    with connection.getresponse() as response:
        is_wanted = into is not None and response.status == 200
        if is_wanted:
            shutil.copyfileobj(response, into, _BLOCK_BYTES)
        return Answer(response.status, response.headers, response.read())
