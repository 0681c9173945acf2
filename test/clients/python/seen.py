"""Prints as JSON what the client made of each step."""

import base64
import contextlib
import json
import sys

from Algorithmia.errors import AlgorithmException


def show(steps):
    with contextlib.redirect_stdout(
        sys.stderr
    ):  # the client itself prints now and then
        seen = {name: see(step) for name, step in steps.items()}
    print(json.dumps(seen))


def see(step):
    try:
        return plain(step())
    except AlgorithmException as error:
        return {"raised": "AlgorithmException", **vars(error)}
    except Exception as error:
        return {"raised": type(error).__name__, "message": str(error)}


def plain(value):
    """Bytes have no form of their own in JSON."""
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
