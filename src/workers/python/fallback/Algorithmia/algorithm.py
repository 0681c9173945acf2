"""Calling an algorithm (api-contract §3)."""

import json
import re
from enum import Enum

from Algorithmia.algo_response import AlgoResponse, AsyncResponse
from Algorithmia.errors import ApiError, ApiInternalError

OutputType = Enum("OutputType", "default raw void")


class Algorithm:
    """algoRef: `OWNER/NAME[/VERSION]`, with or without `algo://` or a slash before it."""

    def __init__(self, client, algoRef):
        match = re.match(r"(?:algo://|/)?(\w+/.+)", algoRef)
        if match is None:
            raise ValueError(
                f"an algorithm is named OWNER/NAME or OWNER/NAME/VERSION, not {algoRef!r}"
            )
        self.client = client
        self.path = match[1]
        self.url = "/v1/algo/" + self.path
        self.query_parameters = {}
        self.output_type = OutputType.default

    def set_options(
        self, timeout=300, stdout=False, output=OutputType.default, **query_parameters
    ):
        """
        timeout: seconds, waiting included.
        stdout: whether the answer holds what was printed; it does for the owner only.
        Others are sent on as they are.
        """
        self.output_type = output
        self.query_parameters = {"timeout": timeout, "stdout": stdout}
        self.query_parameters.update(query_parameters)
        return self

    def pipe(self, input1):
        """
        An `AlgoResponse`; with `OutputType.raw` the bare result, with `OutputType.void`
        an `AsyncResponse` before the algorithm ends.
        Raises AlgorithmException if the algorithm fails, ApiError if the call is refused.
        """
        query = dict(self.query_parameters)
        if self.output_type in (OutputType.raw, OutputType.void):
            query["output"] = self.output_type.name
        content_type, body = _encoded(input1)
        answer = self.client.send("POST", self.url, body, content_type, **query)
        if not answer.is_ok:
            kind = ApiInternalError if answer.status >= 500 else ApiError
            raise kind(f"{self.path}: {answer.status}: {answer.reason}")
        if self.output_type is OutputType.raw:
            return answer.content
        if self.output_type is OutputType.void:
            return AsyncResponse(answer.json())
        return AlgoResponse.create_algo_response(answer.json())


def _encoded(value):
    if isinstance(value, str):
        return "text/plain", value.encode()
    if isinstance(value, (bytes, bytearray)):
        return "application/octet-stream", bytes(value)
    return "application/json", json.dumps(value).encode()
