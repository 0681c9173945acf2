"""Stores three files, and names them in a frozen manifest, as the author of an algorithm does."""

import json

import Algorithmia

client = Algorithmia.client()
models = client.dir("data://.my/models")
if not models.exists():
    models.create()
for name in ("weights", "labels", "extra"):
    models.file(name).put(name + " as frozen")


def entry(name):
    return {
        "name": name,
        "source_uri": f"data://.my/models/{name}",
        "fail_on_tamper": name == "weights",
        "metadata": {"dataset": 1.0},
    }


manifest = {
    "required_files": [entry("weights"), entry("labels")],
    "optional_files": [entry("extra")],
}
with open("model_manifest.json", "w") as file:
    json.dump(manifest, file)
client.freeze("model_manifest.json")
