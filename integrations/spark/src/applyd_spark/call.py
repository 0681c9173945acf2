"""One list on its way to a server and back."""

from __future__ import annotations

import http.client
import json
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from .errors import ApplydError, Away, Refused
from .servers import Server, Servers
from .settings import Settings

# A server answers at its deadline; so long after it, it is taken for dead.
GRACE_SECONDS = 15
_LOST = (OSError, http.client.HTTPException)


class TooLarge(ApplydError):
    """The list is more than the server takes (api-contract §1.3)."""


class Door:
    """Where the lists of one task go."""

    def __init__(self, path: str, settings: Settings, turn: int) -> None:
        self.servers = Servers(settings.servers, turn)
        self.patience = settings.patience
        self.wait_seconds = settings.timeout + GRACE_SECONDS
        query = {"batch": "parallel", "timing": 1, "timeout": f"{settings.timeout:g}"}
        if settings.row_timeout is not None:
            query["itemTimeout"] = f"{settings.row_timeout:g}"
        self.path = f"{path}?{urlencode(query)}"
        self.headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        if settings.key is not None:
            self.headers["Authorization"] = f"Simple {settings.key}"

    def send(self, body: bytes) -> Call:
        """Sends a list, a JSON array."""
        return Call(self, body)

    def close(self) -> None:
        self.servers.close()


class Call:
    """
    A list that has been sent. No thread waits for its answer: that is taken when it is asked for, and stays in the
    connection until then. What goes wrong with sending comes up there too.
    """

    def __init__(self, door: Door, body: bytes) -> None:
        self._door = door
        self._body = body
        self._sent: tuple[Server, http.client.HTTPConnection, bool] | None = None
        self._trouble = ""
        self._send()

    def answer(self) -> bytes:
        """
        Waits for it. A server that is away or busy is asked again, or another one, so that a list may run twice.

        :raises Refused: what no waiting changes
        :raises TooLarge: the list must be shorter
        :raises Away: there was none for as long as `patience`
        """
        gives_up_at: float | None = None
        while True:
            data = self._receive()
            if data is not None:
                return data
            if gives_up_at is None:
                gives_up_at = time.monotonic() + self._door.patience
            self._send_later(gives_up_at)

    def _send_later(self, gives_up_at: float) -> None:
        back_at = self._door.servers.first_back_at()
        if max(back_at, time.monotonic()) > gives_up_at:
            urls = ", ".join(server.url for server in self._door.servers.all)
            raise Away(
                f"no answer from {urls} within patience={self._door.patience:g} s. The last trouble: {self._trouble}. "
                "Start the server, give it more workers, or set more patience"
            )
        time.sleep(max(0, back_at - time.monotonic()))
        self._send()

    def _send(self) -> None:
        server = self._door.servers.next()
        if server is None:
            return
        connection = server.connection()
        is_new = connection.sock is None
        try:
            if is_new:
                connection.connect()
                connection.sock.settimeout(self._door.wait_seconds)
            connection.request(
                "POST", server.path + self._door.path, self._body, self._door.headers
            )
            self._sent = (server, connection, is_new)
        except _LOST as error:
            self._lose(server, connection, is_new, error)

    def _receive(self) -> bytes | None:
        if self._sent is None:
            return None
        server, connection, is_new = self._sent
        self._sent = None
        try:
            response = connection.getresponse()
            data = response.read()
        except _LOST as error:
            self._lose(server, connection, is_new, error)
            return None
        if response.status == 200:
            server.keep(connection)
            return data
        connection.close()
        message = _message(data) or response.reason
        if response.status == 413:
            raise TooLarge(message)
        if response.status < 500 and response.status not in (408, 425, 429, 499):
            raise Refused(
                f"{server.url} answered {response.status}: {message}{_way_out(response.status)}"
            )
        self._trouble = f"{server.url} answered {response.status}: {message}"
        server.rest(_retry_after(response.getheader("Retry-After")))
        return None

    def _lose(
        self,
        server: Server,
        connection: http.client.HTTPConnection,
        is_new: bool,
        error: Exception,
    ) -> None:
        connection.close()
        self._trouble = f"{server.url}: {type(error).__name__}: {error}"
        # One that was idle may have been closed by a server that is well.
        if is_new:
            server.rest()


def _message(data: bytes) -> str:
    try:
        return str(json.loads(data)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return data[:200].decode("utf-8", "replace").strip()


def _way_out(status: int) -> str:
    if status == 401:
        return "; give key=…, which `applyd key create ACCOUNT` makes"
    if status == 403:
        return "; give a key that may call this algorithm"
    if status == 404:
        return "; name one that is there as OWNER/NAME/VERSION, or check servers=…"
    return ""


def _retry_after(header: str | None) -> float | None:
    """Seconds, or a date."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
