"""How many arguments a function of the author takes."""

from types import FunctionType

_HAS_VARARGS = 0x04


class Arity:
    """
    `least` and `most` count what is passed by position; `*args` is not counted, and a
    decorated function is what its decorator made of it: both as the original counts.
    """

    def __init__(self, function):
        """Raises TypeError for what cannot be called."""
        self._function = function
        if isinstance(function, FunctionType):  # `inspect` takes 10 ms to load
            code = function.__code__
            self.most = code.co_argcount
            self.least = self.most - len(function.__defaults__ or ())
            self._takes_any = bool(code.co_flags & _HAS_VARARGS)
            named = code.co_kwonlyargcount - len(function.__kwdefaults__ or {})
            self._needs_names = named > 0
        else:
            self._read_signature()

    def check_apply(self, has_load):
        """Raises TypeError if neither the input alone nor what was loaded beside it will do."""
        if self._takes(1) or (has_load and self._takes(2)):
            return
        raise TypeError(
            "apply takes the input, and where there is a load, as a second argument "
            f"what that returned; this one is {self}"
        )

    def check_load(self):
        """Raises TypeError if neither nothing nor the files of the manifest will do."""
        if self.most > 1 or not self._takes(self.most):
            raise TypeError(
                "load takes no argument, or one, the files of the model manifest; "
                f"this one is {self}"
            )

    def _takes(self, count):
        most = count if self._takes_any else self.most
        return self.least <= count <= most and not self._needs_names

    def _read_signature(self):
        parameters = list(_signature_of(self._function).parameters.values())
        places = [
            parameter
            for parameter in parameters
            if parameter.kind
            in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
        self.most = len(places)
        self.least = sum(parameter.default is parameter.empty for parameter in places)
        self._takes_any = any(
            parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters
        )
        self._needs_names = any(
            parameter.kind is parameter.KEYWORD_ONLY
            and parameter.default is parameter.empty
            for parameter in parameters
        )

    def __str__(self):
        name = getattr(self._function, "__name__", repr(self._function))
        return f"{name}{_signature_of(self._function)}"


def _signature_of(function):
    import inspect

    return inspect.signature(function, follow_wrapped=False)
