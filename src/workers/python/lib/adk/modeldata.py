"""The files that a model manifest names (api-contract §11.5)."""

import json
import os
from collections import namedtuple

MANIFEST = "model_manifest.json"
FROZEN = MANIFEST + ".freeze"

FileData = namedtuple("FileData", ["md5_checksum", "file_path"])


class ModelData:
    """
    What a `load` with one argument gets. It also holds what the author puts in by
    `files["name"] = …`, so that it can be returned as what was loaded.
    """

    def __init__(self, get_client):
        self._get_client = get_client
        self._kept = {}
        self.models = {}
        self.manifest_data = _read_manifest()

    @property
    def client(self):
        return self._get_client()

    def available(self):
        """Whether there is a manifest in the working directory, which is the algorithm's folder."""
        return bool(self.manifest_data)

    def initialize(self):
        """Fetches the required files."""
        for file in self._named("required_files"):
            if file["name"] in self.models:
                raise ValueError(f"{MANIFEST} names two files {file['name']!r}")
            self.models[file["name"]] = self._fetch(file)

    def get_model(self, model_name):
        """
        The path of a file, by its name in the manifest. An optional one is fetched when
        it is first asked for.
        """
        if model_name not in self.models:
            self.models[model_name] = self._fetch(self._find_optional(model_name))
        return self.models[model_name].file_path

    def data(self):
        """What the author put in."""
        return dict(self._kept)

    def __getitem__(self, key):
        return self._kept[key]

    def __setitem__(self, key, value):
        self._kept[key] = value

    def _find_optional(self, name):
        if not self.available():
            raise LookupError(f"there is no {MANIFEST} to find {name!r} in")
        optional = self._named("optional_files")
        for file in optional:
            if file["name"] == name:
                return file
        names = [*self.models, *(file["name"] for file in optional)]
        raise LookupError(f"{MANIFEST} names no file {name!r}, only {names}")

    def _named(self, member):
        files = self.manifest_data.get(member, [])
        for index, file in enumerate(files):
            for key in ("name", "source_uri"):
                if key not in file:
                    raise ValueError(f"{MANIFEST}: {member}[{index}] has no {key}")
        return files

    def _fetch(self, file):
        with self.client.file(file["source_uri"]).getFile() as local:
            path = local.name
        expected, found = file.get("md5_checksum"), _md5_of_file(path)
        if file.get("fail_on_tamper") and expected and expected != found:
            raise ValueError(
                f"{file['source_uri']} has changed: {MANIFEST} expects for {file['name']!r} "
                f"the MD5 {expected}, and it is {found}"
            )
        return FileData(found, path)


def _read_manifest():
    path = FROZEN if os.path.exists(FROZEN) else MANIFEST
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    if path == FROZEN:
        _check_lock(manifest)
    return manifest


def _check_lock(manifest):
    """`algo freeze` takes the MD5 of what Python prints of all the rest."""
    expected = manifest.pop("lock_checksum", None)
    if _md5(str(manifest).encode()).hexdigest() != expected:
        raise ValueError(f"{FROZEN} was edited after it was made; run: algo freeze")


def _md5_of_file(path):
    md5 = _md5()
    with open(path, "rb") as file:
        while chunk := file.read(2**20):
            md5.update(chunk)
    return md5.hexdigest()


def _md5(content=b""):
    import hashlib

    return hashlib.md5(content, usedforsecurity=False)
