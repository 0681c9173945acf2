"""What the client raises."""


class ApiError(Exception):
    """The API refused, or did not answer."""


class ApiInternalError(ApiError):
    """The server failed: a status of 500 and above."""


class DataApiError(ApiError):
    """The data API refused."""


class AlgorithmException(ApiError):
    """
    The algorithm failed, by `error_type`, for the reason in `message`; `stack_trace` is
    there for those who may see the source.
    """

    def __init__(self, message, stack_trace=None, error_type=None):
        super().__init__(message, stack_trace, error_type)
        self.message = message
        self.stack_trace = stack_trace
        self.error_type = error_type

    def __str__(self):
        return repr("\n".join(filter(None, [self.message, self.stack_trace])))
