"""A directory of the data API (api-contract §5.3, §5.6 to §5.8)."""

import json
import os
import tempfile

from Algorithmia.acl import Acl
from Algorithmia.data import DataObject, DataObjectType
from Algorithmia.datafile import DataFile


class DataDirectory(DataObject):
    def __init__(self, client, dataUrl):
        super().__init__(client, dataUrl, DataObjectType.directory)

    def create(self, acl=None):
        """acl: one of `ReadAcl`; without it, the owner's algorithms may read."""
        parent, name = self._parent_and_name()
        wanted = {"name": name}
        if acl is not None:
            wanted["acl"] = acl.to_api_param()
        DataDirectory(self.client, parent)._send_json(
            f"create {name} in", "POST", wanted
        )

    def delete(self, force=False):
        """force: also if something is in it."""
        self._ask("delete", "DELETE", **({"force": "true"} if force else {}))
        return True

    def file(self, name):
        return DataFile(self.client, self._path_of(name))

    def dir(self, name):
        return DataDirectory(self.client, self._path_of(name))

    def list(self):
        """Directories and files, page by page."""
        page = {"marker": None}
        while "marker" in page:
            marker = {"marker": page["marker"]} if page["marker"] else {}
            page = self._ask("list", "GET", **marker).json()
            for folder in page.get("folders", []):
                yield self.dir(folder["name"])
            for attributes in page.get("files", []):
                file = self.file(attributes["filename"])
                file.set_attributes(attributes)
                yield file

    def files(self):
        return (found for found in self.list() if found.is_file())

    def dirs(self):
        return (found for found in self.list() if found.is_dir())

    def getDir(self):
        """Fetches all files into a new folder, and gives its path."""
        folder = tempfile.mkdtemp()
        for file in self.files():
            os.rename(file.getFile(as_path=True), os.path.join(folder, file.getName()))
        return folder

    def get_permissions(self):
        """None for what has none of its own, such as `.session` and `.algo`."""
        acl = self._ask("get permissions of", "GET", acl="true").json().get("acl")
        return None if acl is None else Acl.from_acl_response(acl)

    def update_permissions(self, acl):
        self._send_json("update permissions of", "PATCH", {"acl": acl.to_api_param()})
        return True

    def _path_of(self, name):
        return f"{self.path.rstrip('/')}/{name}"

    def _send_json(self, what, method, value):
        self._ask(what, method, json.dumps(value).encode(), "application/json")
