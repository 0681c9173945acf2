"""A file of the data API (api-contract §5.3 to §5.5, §5.8)."""

import io
import json
import os
import tempfile
from datetime import datetime

from Algorithmia.data import DataObject, DataObjectType


class DataFile(DataObject):
    """
    `size` in bytes and `last_modified` in UTC are known of files that were listed.
    The object can be read like an open text file; the first read fetches all of it.
    """

    def __init__(self, client, dataUrl):
        super().__init__(client, dataUrl, DataObjectType.file)
        self.last_modified = None
        self.size = None
        self._text = None

    def set_attributes(self, attributes):
        self.size = attributes["size"]
        self.last_modified = datetime.strptime(
            attributes["last_modified"], "%Y-%m-%dT%H:%M:%S.%fZ"
        )

    def getFile(self, as_path=False):
        """A copy on this machine, open to read text, or its path. It stays there."""
        with tempfile.NamedTemporaryFile(delete=False) as copy:
            try:
                self._ask("get file", "GET", into=copy)
            except BaseException:
                os.unlink(copy.name)
                raise
        return copy.name if as_path else open(copy.name)

    def getBytes(self):
        return self._ask("get file", "GET").body

    def getString(self):
        return self.getBytes().decode(errors="replace")

    def getJson(self):
        return json.loads(self.getBytes())

    def getAsZip(self):
        """The path of what was packed: a file, or a folder of several."""
        from Algorithmia.zipped import unpack

        with tempfile.TemporaryFile() as copy:
            self._ask("get file", "GET", into=copy)
            return unpack(copy)

    def put(self, data):
        """data: text, stored as UTF-8, or bytes."""
        if isinstance(data, str):
            data = data.encode()
        if not isinstance(data, (bytes, bytearray)):
            raise TypeError(
                f"put takes text or bytes, not {type(data).__name__}; see putJson"
            )
        return self._put(bytes(data))

    def putJson(self, data):
        return self._put(json.dumps(data).encode())

    def putFile(self, path):
        with open(path, "rb") as file:
            return self._put(file)

    def putAsZip(self, path):
        """path: of a file or a folder."""
        from Algorithmia.zipped import pack

        with tempfile.TemporaryFile() as copy:
            pack(path, copy)
            copy.seek(0)
            return self._put(copy)

    def delete(self):
        self._ask("delete", "DELETE")
        return True

    def read(self, size=-1):
        return self._opened().read(size)

    def readline(self, size=-1):
        return self._opened().readline(size)

    def readlines(self, hint=-1):
        return self._opened().readlines(hint)

    def seek(self, offset, whence=io.SEEK_SET):
        return self._opened().seek(offset, whence)

    def tell(self):
        return self._opened().tell()

    def __iter__(self):
        return iter(self._opened())

    def _opened(self):
        if self._text is None:
            self._text = io.StringIO(self.getString(), newline=None)
        return self._text

    def _put(self, body):
        self._ask("put file", "PUT", body, "application/octet-stream")
        return self
