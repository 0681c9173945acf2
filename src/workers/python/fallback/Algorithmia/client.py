"""
A client: an address, a key, and the connections to it.

Many an algorithm imports it and asks nobody, so what asks is imported where it is used.
"""

import os
from urllib.parse import urlencode

from Algorithmia.algorithm import Algorithm


class Client:
    """
    It is made without asking the server, or whether there is one, since modules make
    theirs while they are imported.
    """

    def __init__(self, apiKey=None, apiAddress=None, caCert=None, bearerToken=None):
        get = os.environ.get
        self.apiKey = get("ALGORITHMIA_API_KEY") if apiKey is None else apiKey
        self.apiAddress = apiAddress or get("ALGORITHMIA_API")
        self.bearerToken = bearerToken or get("ALGORITHMIA_BEARER_TOKEN")
        self._ca_cert = caCert
        self._connections = None

    def algo(self, algoRef):
        return Algorithm(self, algoRef)

    def file(self, dataUrl, cleanup=False):
        """cleanup: of the copy that reading makes; here there is none."""
        from Algorithmia.datafile import DataFile

        return DataFile(self, dataUrl)

    def dir(self, dataUrl):
        from Algorithmia.datadirectory import DataDirectory

        return DataDirectory(self, dataUrl)

    def username(self):
        return next(self.dir("").dirs()).path

    def report_insights(self, insights):
        """applyd keeps none. The published client does not look at the answer either."""

    def send(self, method, path, body=None, content_type=None, into=None, **query):
        """
        The server's answer, a refusal too. See `Connections.send`.
        Raises ApiError where there is none.
        """
        headers = {}
        if content_type:
            headers["Content-Type"] = content_type
        if self.apiKey is not None:
            headers["Authorization"] = self.apiKey
        elif self.bearerToken is not None:
            headers["Authorization"] = f"Bearer {self.bearerToken}"
        if query:
            path += ("&" if "?" in path else "?") + urlencode(query)
        return self._connected().send(method, path, headers, body, into)

    def _connected(self):
        if self._connections is None:
            from Algorithmia.connections import Connections

            self._connections = Connections(self.apiAddress, self._ca_cert)
        return self._connections
