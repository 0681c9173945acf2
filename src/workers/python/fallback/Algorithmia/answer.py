"""What the server answered, be it a refusal."""

import http.client
import json
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def is_ok(self):
        return 200 <= self.status <= 299

    def json(self):
        return json.loads(self.body)

    @property
    def content(self):
        """Text, unless it is bytes."""
        is_binary = self.headers.get_content_type() == "application/octet-stream"
        return self.body if is_binary else self.body.decode()

    @property
    def reason(self):
        """Why the server refused, in its own words."""
        try:
            error = self.json()["error"]
            return error["message"] if isinstance(error, dict) else str(error)
        except (ValueError, KeyError, TypeError):
            said = self.headers.get("X-Error-Message")
            return said or http.client.responses.get(self.status, "no reason given")
