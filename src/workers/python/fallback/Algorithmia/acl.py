"""Who may read a collection (api-contract §5.6)."""


class AclInner:
    def __init__(self, pseudonym, acl_string):
        self.pseudonym = pseudonym
        self.acl_string = acl_string

    def __repr__(self):
        return f"AclType(pseudonym={self.pseudonym},acl_string={self.acl_string})"


class AclType:
    public = AclInner("public", "user://*")
    my_algos = AclInner("my_algos", "algo://.my/*")
    private = AclInner("private", None)
    default = my_algos
    types = (public, my_algos, private)


class Acl:
    def __init__(self, read_acl):
        self.read_acl = read_acl

    @staticmethod
    def from_acl_response(acl_response):
        granted = next(iter(acl_response["read"]), None)
        for kind in AclType.types:
            if kind.acl_string == granted:
                return Acl(kind)
        raise ValueError(f"unknown permission to read: {granted!r}")

    def to_api_param(self):
        granted = self.read_acl.acl_string
        return {"read": [] if granted is None else [granted]}


class ReadAcl:
    public = Acl(AclType.public)
    private = Acl(AclType.private)
    my_algos = Acl(AclType.my_algos)
