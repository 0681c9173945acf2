"""The work behind LitServe."""

import sys

import litserve
from index import apply


class Shout(litserve.LitAPI):
    def setup(self, device):
        pass

    def predict(self, text):
        return {"result": apply(text)}


if __name__ == "__main__":
    server = litserve.LitServer(
        Shout(), accelerator="cpu", workers_per_device=2, fast_queue=True
    )
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        access_log=False,
        generate_client_file=False,
    )
