"""What the kit knows of the worker of applyd that it runs in, if it does."""

import warnings

_is_entered = False
_registered = None


def enter_worker():
    """
    From now on `ADK.init` registers its algorithm and returns. The worker calls it
    before it imports the author's module.
    """
    global _is_entered
    _is_entered = True


def is_entered():
    return _is_entered


def register(algorithm, mlops):
    """The first one counts: on the original platform its `init` never returned."""
    global _registered
    if mlops:
        warnings.warn(
            "init(mlops=True): applyd has no MLOps agent, so nothing is reported to one",
            stacklevel=3,
        )
    if _registered is None:
        _registered = algorithm


def registered():
    """The algorithm of the author's module: an `ADK`, or None if the module called no `init`."""
    return _registered
