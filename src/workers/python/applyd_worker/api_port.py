"""In an isolated network the API is behind a Unix socket; published clients want a port."""

from __future__ import annotations

import os
import socket
import threading

_PORT = 8080


def fork_api_port(path: str) -> int:
    """
    Starts a process that hands on what comes to the port; `path` is that of the server's gate to its API. The port
    is open when this returns.

    Returns the pid.
    """
    listener = socket.create_server(("127.0.0.1", _PORT))
    pid = os.fork()
    if pid == 0:
        try:
            while True:
                client, _ = listener.accept()
                threading.Thread(target=_join, args=(client, path), daemon=True).start()
        finally:
            os._exit(70)
    listener.close()
    return pid


def _join(client: socket.socket, path: str) -> None:
    gate = socket.socket(socket.AF_UNIX)
    with client, gate:
        try:
            gate.connect(path)
        except OSError:
            return
        back = threading.Thread(target=_copy, args=(gate, client))
        back.start()
        _copy(client, gate)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while True:
            chunk = source.recv(64 * 1024)
            if not chunk:
                break
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
