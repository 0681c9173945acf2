"""How many arguments a function of the author takes."""

import inspect
from inspect import Parameter


class Arity:
    """
    `least` and `most` count what is passed by position; `*args` is not counted, and a
    decorated function is what its decorator made of it: both as the original counts.
    """

    def __init__(self, function):
        self._name = getattr(function, "__name__", repr(function))
        self._signature = inspect.signature(function, follow_wrapped=False)
        parameters = [
            parameter
            for parameter in self._signature.parameters.values()
            if parameter.kind
            in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        ]
        self.most = len(parameters)
        self.least = sum(
            parameter.default is Parameter.empty for parameter in parameters
        )

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
        try:
            self._signature.bind(*[None] * count)
        except TypeError:
            return False
        return True

    def __str__(self):
        return f"{self._name}{self._signature}"
