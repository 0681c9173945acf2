"""What files and directories have in common (api-contract §5)."""

import re
from enum import Enum
from urllib.parse import quote

from Algorithmia.errors import DataApiError

DataObjectType = Enum("DataObjectType", "file directory")


class DataObject:
    """
    dataUrl: `data://OWNER/COLLECTION/FILE`, where the owner `.my` is the caller, or the
        address of another connector. `data://` may be left out.
    """

    def __init__(self, client, dataUrl, data_object_type):
        if dataUrl.startswith("file://"):
            raise ValueError(f"{dataUrl} is on this machine: open it without a client")
        self.client = client
        self.path = re.sub("^(data://|/)", "", dataUrl)
        self.url = "/v1/data/" + quote(self.path, safe="/:+")
        self.data_object_type = data_object_type

    def is_file(self):
        return self.data_object_type is DataObjectType.file

    def is_dir(self):
        return self.data_object_type is DataObjectType.directory

    def get_type(self):
        return self.data_object_type

    def getName(self):
        return self._parent_and_name()[1]

    def exists(self):
        return self.client.send("HEAD", self.url).is_ok

    def _parent_and_name(self):
        parent, _, name = self.path.rstrip("/").rpartition("/")
        return parent, name

    def _ask(self, what, method, *body, **options):
        """Raises DataApiError with what could not be done, and the server's reason."""
        answer = self.client.send(method, self.url, *body, **options)
        if not answer.is_ok:
            raise DataApiError(f"unable to {what} {self.path} - {answer.reason}")
        return answer
