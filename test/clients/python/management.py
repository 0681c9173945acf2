"""Asks for what belongs to the original platform's management of algorithms."""

import Algorithmia
from seen import show

client = Algorithmia.client()
algorithm = client.algo("demo/Hello")

show(
    {
        "exists": algorithm.exists,
        "info": algorithm.info,
        "versions": algorithm.versions,
        "create": lambda: algorithm.create({}, {}),
        "update": algorithm.update,
        "compile": algorithm.compile,
        "publish": algorithm.publish,
        "get_builds": algorithm.get_builds,
        "get_scm_status": algorithm.get_scm_status,
        "get_secrets": algorithm.get_secrets,
        "scms": client.scms,
        "get_secret_providers": client.get_secret_providers,
        "create_user": lambda: client.create_user({}),
        "get_org": lambda: client.get_org("demo"),
        "get_environment": lambda: client.get_environment("python3"),
        "get_supported_languages": client.get_supported_languages,
        "get_algorithm_errors": lambda: client.get_algorithm_errors("demo"),
    }
)
