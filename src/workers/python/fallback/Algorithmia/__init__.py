# ruff: noqa: N999 - the published client's name
"""
The Python client of the original platform's API, for algorithms whose environment has no
package `algorithmia`. It stands last on sys.path, so that an installed one always wins.

It calls algorithms and keeps data as the published client 2.0.5 does, with names that
are its own; what manages algorithms and accounts is not here. A call that the server
refuses tells the server's reason, of which the published client tells the status only.
"""

from adk import ADK

from Algorithmia.client import Client

__all__ = ["ADK", "Client", "algo", "client", "dir", "file", "handler"]

apiKey = None
apiAddress = None

_default = None


def client(api_key=None, api_address=None, ca_cert=None, bearer_token=None):
    """
    Key and address come from ALGORITHMIA_API_KEY and ALGORITHMIA_API if they are not given.
    ca_cert: a file of certificates to trust besides the system's; False trusts anybody.
    """
    return Client(api_key, api_address or apiAddress, ca_cert, bearer_token)


def algo(algoRef):
    return _default_client().algo(algoRef)


def file(dataUrl):
    return _default_client().file(dataUrl)


def dir(dataUrl):
    return _default_client().dir(dataUrl)


def handler(apply_func, load_func=None):
    """What there was before `ADK`."""
    algorithm = ADK(apply_func, load_func)
    algorithm.serve = algorithm.init
    return algorithm


def _default_client():
    """Made anew when a script sets `Algorithmia.apiKey` or `Algorithmia.apiAddress`."""
    global _default
    made_of = (apiKey, apiAddress)
    if _default is None or _default[0] != made_of:
        _default = (made_of, client(apiKey))
    return _default[1]
