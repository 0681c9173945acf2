"""Errors that callers see under a type of their own."""


class TypedError(Exception):
    """
    An error of ours that callers see under its own type, such as InputError.
    """

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
