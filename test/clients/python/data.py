"""Keeps data as users of the client do, in collections of its own; each step goes on from the last."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor

import Algorithmia
from Algorithmia.acl import ReadAcl
from seen import show

client = Algorithmia.client()
robots = client.dir("data://.my/python_robots")
crowd = client.dir("data://.my/python_crowd")
text = client.file("data://.my/python_robots/text.txt")
folder = tempfile.mkdtemp()
LARGE = os.urandom(20 * 2**20)


def create(acl):
    collection = client.dir("data://.my/python_acl")
    collection.create(acl)
    try:
        return collection.get_permissions().read_acl.pseudonym
    finally:
        collection.delete()


def permissions_after(acl):
    return [robots.update_permissions(acl), robots.get_permissions().read_acl.pseudonym]


def put_then(name, put, get):
    file = robots.file(name)
    put(file)
    return get(file)


def put_file(name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    robots.file(name).putFile(path)
    with open(robots.file(name).getFile(as_path=True), "rb") as file:
        return file.read() == content


def zipped():
    path = os.path.join(folder, "note.txt")
    with open(path, "w") as file:
        file.write("in a zip")
    here = os.getcwd()
    os.chdir(folder)  # the client keeps the path as the name inside
    try:
        robots.file("note.zip").putAsZip("note.txt")
    finally:
        os.chdir(here)
    with open(robots.file("note.zip").getAsZip()) as file:
        return file.read()


def attributes():
    file = next(file for file in robots.files() if file.getName() == "text.txt")
    return [file.size, file.last_modified.year > 2000]


def fill(count):
    crowd.create()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: crowd.file(f"{n:04}").put(str(n)), range(count)))
    return [file.getName() for file in crowd.files()] == [
        f"{n:04}" for n in range(count)
    ]


show(
    {
        "exists, before": robots.exists,
        "create": robots.create,
        "exists": robots.exists,
        "create again": robots.create,
        "put into what is not there": lambda: client.file(
            "data://.my/python_none/a"
        ).put("a"),
        "text": lambda: put_then(
            "text.txt", lambda f: f.put("Grüße, 世界\n"), lambda f: f.getString()
        ),
        "text without an extension": lambda: put_then(
            "text", lambda f: f.put("plain"), lambda f: f.getString()
        ),
        "text that looks like JSON": lambda: put_then(
            "5.txt", lambda f: f.put("5"), lambda f: f.getString()
        ),
        "JSON": lambda: put_then(
            "a.json", lambda f: f.putJson({"a": [1, None]}), lambda f: f.getJson()
        ),
        "bytes": lambda: put_then(
            "a.bin", lambda f: f.put(bytes([0, 255])), lambda f: f.getBytes()
        ),
        "no bytes": lambda: put_then(
            "empty", lambda f: f.put(b""), lambda f: f.getBytes()
        ),
        "overwritten": lambda: put_then(
            "a.bin", lambda f: f.put(b"other"), lambda f: f.getBytes()
        ),
        "names": lambda: [
            put_then(name, lambda f, name=name: f.put(name), lambda f: f.getString())
            for name in ("a b.txt", "a+b.txt", "ü世.txt")
        ],
        "file": lambda: put_file("large.bin", LARGE),
        "zip": zipped,
        "read": lambda: robots.file("text.txt").read(),
        "file exists": text.exists,
        "file does not exist": lambda: robots.file("none").exists(),
        "get what is not there": lambda: robots.file("none").getString(),
        "size and time": attributes,
        "files": lambda: [file.getName() for file in robots.files()],
        "dirs": lambda: [found.getName() for found in client.dir("data://.my").dirs()],
        "username": client.username,
        "1100 files": lambda: fill(1100),
        "permissions": lambda: robots.get_permissions().read_acl.pseudonym,
        "permissions: public": lambda: permissions_after(ReadAcl.public),
        "permissions: private": lambda: permissions_after(ReadAcl.private),
        "permissions: my_algos": lambda: permissions_after(ReadAcl.my_algos),
        "create public": lambda: create(ReadAcl.public),
        "create private": lambda: create(ReadAcl.private),
        "permissions of what is not there": lambda: client.dir(
            "data://.my/python_none"
        ).get_permissions(),
        "delete a file": text.delete,
        "file is gone": text.exists,
        "delete it again": text.delete,
        "delete what is not empty": robots.delete,
        "still there": robots.exists,
        "delete with force": lambda: [
            robots.delete(force=True),
            crowd.delete(force=True),
        ],
        "gone": lambda: [robots.exists(), crowd.exists()],
        "list what is gone": lambda: list(robots.list()),
    }
)
