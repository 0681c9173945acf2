"""Packing what is kept as one file, and unpacking it."""

import os
import tempfile
import zipfile


def pack(path, into):
    with zipfile.ZipFile(into, "w") as packed:
        if not os.path.isdir(path):
            packed.write(path, os.path.basename(path))
        for folder, _, names in os.walk(path):
            for name in names:
                file = os.path.join(folder, name)
                packed.write(file, os.path.relpath(file, path))


def unpack(file):
    """The path of the one file in it, or of the folder of all, made anew."""
    folder = tempfile.mkdtemp()
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
        names = packed.namelist()
    return os.path.join(folder, names[0]) if len(names) == 1 else folder
