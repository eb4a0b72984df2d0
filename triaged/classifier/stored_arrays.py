"""The numbers of a skops file, read without skops: that imports all of scikit-learn, 90 MB in each reader. PURE.

Contract: such a file is a zip of a tree (`schema.json`) and of arrays in numpy's own format. `unpacked` knows
dicts, lists, tuples, plain values and numpy's arrays; it builds nothing else, whatever a file asks for, and
names what else it found.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

MOST_BYTES = 512 * 1024 * 1024  # of one entry, unpacked
_PLAIN = (str, int, float, bool, type(None))


class Unknown(ValueError):
    """The file holds another type than plain values and arrays; the text names it."""


def unpacked(packed: bytes) -> Any:
    """What the file holds. Raises Unknown; and whatever else a file provokes that is none of skops's."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return _built(json.loads(_entry(archive, "schema.json")), archive)


def _built(node: Mapping[str, Any], archive: zipfile.ZipFile) -> Any:
    name, loader = f"{node['__module__']}.{node['__class__']}", node["__loader__"]
    match name, loader:
        case "builtins.str", "JsonNode":  # skops calls every plain value a str, and writes it as JSON
            value = json.loads(node["content"])
            if isinstance(value, _PLAIN):
                return value
        case "builtins.dict", "DictNode" if _by_text(node["key_types"]):
            return {key: _built(one, archive) for key, one in node["content"].items()}
        case "builtins.list", "ListNode":
            return [_built(one, archive) for one in node["content"]]
        case "builtins.tuple", "TupleNode":
            return tuple(_built(one, archive) for one in node["content"])
        case "numpy.ndarray", "NdArrayNode" if node["type"] == "numpy":
            return _array(_entry(archive, node["file"]))
    raise Unknown(name)


def _by_text(keys: Mapping[str, Any]) -> bool:
    return all((one["__module__"], one["__class__"]) == ("builtins", "str") for one in keys["content"])


def _array(stored: bytes) -> Any:
    import numpy as np

    return np.load(io.BytesIO(stored), allow_pickle=False)


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise ValueError(f"{name} is too large")
    return archive.read(name)
