"""The work behind mosec."""

from index import apply
from mosec import Server, Worker


class Shout(Worker):
    def forward(self, data):
        return {"result": apply(data)}


if __name__ == "__main__":
    server = Server()
    server.append_worker(Shout, num=2)
    server.run()
