"""The dataset's Croissant 1.0 record (MLCommons): files with their hashes, and the columns of each view. Pure."""

from __future__ import annotations

import json
from typing import Any

from marlin.dataset_files import SPLITS, Manifest, rows_path, view_path

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_PAIR = {"id": "Text", "task_id": "Text", "repository": "Text", "category": "Text", "strength": "Integer"}
_PAIR |= {"margin": "Float", "agreement": "Float"}
_SINGLE = {"id": "Text", "task_id": "Text", "repository": "Text", "category": "Text", "side": "Text"}
_COLUMNS: dict[str, dict[str, str]] = {
    "rows": {"id": "Text", "turn": "Integer", "campaign": "Text", "repository": "Text", "category": "Text"}
    | {"base_commit": "Text", "request": "Text", "synthetic": "Boolean"},
    "trl_pref": _PAIR,
    "patch_pref": _PAIR,
    "reward": _PAIR,
    "kto": _SINGLE | {"label": "Boolean"},
    "sft": _SINGLE,
    "openai_pref": {"id": "Text"},
    "openai_patch": {"id": "Text"},
    "openrlhf": _PAIR,
    "axolotl": _PAIR,
    "llama_factory": {"id": "Text"},
    "tinker": {"id": "Text", "label": "Text"},
}
"""Columns with one value each. Messages, which have parts of their own, are described in the card."""


def croissant(manifest: Manifest) -> bytes:
    """The record, as it lies in the folder. ``manifest`` has no card and no record in its files yet."""
    full = {file.path: file for file in manifest.files if file.rows}
    record = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": manifest.name,
        "description": _description(manifest),
        "license": sorted(manifest.licences) or ["unknown"],
        "version": "1.0.0",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": path,
                "name": path,
                "contentUrl": path,
                "encodingFormat": "application/jsonlines",
                "sha256": file.sha256,
                "contentSize": f"{file.bytes} B",
            }
            for path, file in full.items()
        ],
        "recordSet": [
            _record_set(f"{name}/{split}", path, _COLUMNS[name if name in _COLUMNS else "trl_pref"])
            for name in ("rows", *manifest.views)
            for split in SPLITS
            if (path := rows_path(split) if name == "rows" else view_path(name, split)) in full
        ],
    }
    return json.dumps(record, indent=2, ensure_ascii=False).encode() + b"\n"


def _description(manifest: Manifest) -> str:
    counts = manifest.counts
    said = (
        f"{counts['rows']} pairs of results of coding agents on real repositories, judged by {counts['raters']} "
        f"engineers; {counts['pairs']} preferences. Licences are those of the repositories."
    )
    return f"SYNTHETIC: simulated judgement, evidence of nothing. {said}" if manifest.synthetic else said


def _record_set(name: str, path: str, columns: dict[str, str]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": column,
                "dataType": f"sc:{kind}",
                "source": {"fileObject": {"@id": path}, "extract": {"column": column}},
            }
            for column, kind in columns.items()
        ],
    }
