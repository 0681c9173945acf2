"""What ends a query. What fails a row is told in its error column and ends nothing."""


class ApplydError(Exception):
    """Why rows could not be scored."""


class Refused(ApplydError):
    """It will never work as it was asked for: no such algorithm, a key that is refused, code that does not load."""


class Away(ApplydError):
    """No server has taken a list for as long as `patience`."""
