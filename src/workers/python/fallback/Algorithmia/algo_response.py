"""What an algorithm answered (api-contract §3.5, §3.7, §3.8)."""

import base64

from Algorithmia.errors import AlgorithmException


class AlgoResponse:
    """`result` is the value: text, bytes, what JSON holds, or None."""

    def __init__(self, result, metadata):
        self.result = result
        self.metadata = metadata

    def __repr__(self):
        return f"AlgoResponse(result={self.result},metadata={self.metadata})"

    @staticmethod
    def create_algo_response(response):
        """Raises AlgorithmException if the envelope holds an error."""
        if "error" in response:
            error = response["error"]
            raise AlgorithmException(
                error["message"], error.get("stack_trace"), error.get("error_type")
            )
        result, metadata = response["result"], Metadata(response["metadata"])
        is_binary = metadata.content_type == "binary"
        return AlgoResponse(base64.b64decode(result) if is_binary else result, metadata)


class Metadata:
    """`duration` in seconds; `stdout` is None unless it was asked for and may be seen."""

    def __init__(self, metadata):
        self.content_type = metadata["content_type"]
        self.duration = metadata["duration"]
        self.stdout = metadata.get("stdout")
        self.full_metadata = metadata

    def __getitem__(self, key):
        return vars(self)[key]

    def __repr__(self):
        return (
            f"Metadata(content_type={self.content_type!r},"
            f"duration={self.duration},stdout={self.stdout})"
        )


class AsyncResponse:
    """The answer to a call whose result nobody waits for."""

    def __init__(self, response):
        self.async_protocol = response["async"]
        self.request_id = response["request_id"]

    def __repr__(self):
        return (
            f"AsyncResponse(async_protocol={self.async_protocol}, "
            f"request_id={self.request_id})"
        )
