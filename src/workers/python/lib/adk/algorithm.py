"""An algorithm: what is loaded once, and what is applied to each input."""

from adk import worker
from adk.arity import Arity
from adk.modeldata import ModelData


class ADK:
    """
    apply_func: takes the input, and as a second argument what `load_func` returned.
    load_func: runs once, before the first input; may take the files of the model
        manifest, a `ModelData`.
    client: what fetches those files; without it, `Algorithmia.client()`.
    Raises TypeError for functions that cannot be called so.
    """

    def __init__(self, apply_func, load_func=None, client=None):
        arity = Arity(apply_func)
        arity.check_apply(has_load=bool(load_func))
        if load_func:
            Arity(load_func).check_load()
        self.apply_func = apply_func
        self.load_func = load_func
        self.load_result = None
        self._may_take_loaded = arity.most == 2
        self._must_take_loaded = arity.least == 2
        self._client = client

    @property
    def client(self):
        """Made when it is needed: importing one can take longer than Python's start."""
        if self._client is None:
            try:
                import Algorithmia
            except ImportError as error:
                raise ImportError(
                    "a model manifest needs a client that fetches its files: "
                    "give ADK one, or run: pip install algorithmia"
                ) from error
            self._client = Algorithmia.client()
        return self._client

    def load(self):
        """
        Fetches the files of the manifest if there is one, and runs `load_func`.
        What either raises comes out.
        """
        files = ModelData(lambda: self.client)
        if files.available():
            files.initialize()
        if self.load_func:
            takes_files = Arity(self.load_func).most == 1
            self.load_result = (
                self.load_func(files) if takes_files else self.load_func()
            )

    def apply(self, payload):
        """
        What `apply_func` makes of one input. Something falsy that was loaded is passed
        on only where `apply_func` cannot be called without; there the original failed.
        """
        if self._must_take_loaded or (self._may_take_loaded and self.load_result):
            return self.apply_func(payload, self.load_result)
        return self.apply_func(payload)

    def init(self, local_payload=None, pprint=print, mlops=False):
        """
        In a worker: says that this is the algorithm, and returns. Elsewhere: loads, and
        prints the answer to `local_payload`, or without one to each line of stdin,
        such as `{"content_type": "json", "data": 1}`.
        """
        if worker.is_entered():
            worker.register(self, mlops)
        else:
            from adk import local

            local.run(self, local_payload, pprint)
