import os


def fail(reason):
    raise ValueError(reason)


ACTS = {"throw": fail, "exit": os._exit}


def apply(input):
    """Answers what it got, but for {"do": ACT, "with": VALUE}: then it does as told."""
    if isinstance(input, dict) and input.get("do") in ACTS:
        return ACTS[input["do"]](input.get("with"))
    return input
