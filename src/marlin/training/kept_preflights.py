"""A preflight that was done is not done again: its report is kept beside the dataset, by all that it depends on.

The name of what is kept is a hash over the dataset's files, the model's tokenizer, template and configuration, what
was asked, Marlin's own code and the versions of the libraries that render and tokenize. Whatever changes makes
another name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from marlin.training.cost import Shape, shape_of
from marlin.training.dataset import DatasetFolder, file_hash
from marlin.training.extra import PACKAGES, installed_versions, quiet_libraries
from marlin.training.models import positions
from marlin.training.preflight import preflight
from marlin.training.record import write_whole
from marlin.training.report import Report
from marlin.training.saying import Say, silently
from marlin.training.single_preflight import with_singles
from marlin.training.templates import load_tokenizer, prepare

FOLDER = ".marlin-preflights"
WEIGHTS = {".safetensors", ".bin", ".pt", ".pth", ".gguf", ".onnx", ".h5", ".msgpack"}
"""Of a model's files those on which no preflight depends."""
Found = TypeVar("Found")


def checked(
    folder: DatasetFolder,
    model: Path,
    *,
    max_length: int | None = None,
    leave_out_long: bool = False,
    say: Say = silently,
) -> tuple[Report, bool]:
    """The report of a preflight, with the single results where the dataset's folder has some; and whether it was kept.

    :raises UnreadableDatasetError: a file is not the one that the manifest names, or a line can't be read.
    :raises ModelNotFoundError: the model has no tokenizer.
    """
    folder.check(say)
    asked: dict[str, Any] = {"max_length": max_length, "leave_out_long": leave_out_long}
    place = folder.path.resolve().parent / FOLDER
    tokenizers: list[Any] = []

    def tokenizer() -> Any:
        if not tokenizers:
            say("loading the tokenizer and its libraries")
            quiet_libraries()
            tokenizers.append(load_tokenizer(str(model)))
        return tokenizers[0]

    def of_pairs() -> Report:
        return preflight(folder, tokenizer(), **asked, positions=positions(model), say=say)

    pairs = DatasetFolder(folder.path, folder.view)
    report, kept = _kept(place, _key(pairs, model, asked), Report.from_json, Report.to_json, of_pairs, _lasting)
    if folder.singles is None or not report.amounts:
        return report, kept

    def of_singles() -> Report:
        prepare(tokenizer(), tools=folder.has_tools)
        return with_singles(report, folder, tokenizer(), **asked, positions=positions(model), say=say)

    return _kept(place, _key(folder, model, asked), Report.from_json, Report.to_json, of_singles, _lasting)


def kept_shape(folder: DatasetFolder, model: Path, say: Say = silently) -> Shape:
    """A model's size; counted once."""

    def count() -> Shape:
        say("loading torch and counting the model's weights")
        quiet_libraries()
        return shape_of(str(model))

    place = folder.path.resolve().parent / FOLDER
    key = _hash({"config": file_hash(model / "config.json"), "code": _code(), "versions": installed_versions()})
    return _kept(place, f"shape-{key}", lambda said: Shape(**said), asdict, count)[0]


def _kept(
    place: Path,
    key: str,
    read: Callable[[dict[str, Any]], Found],
    write: Callable[[Found], dict[str, Any]],
    make: Callable[[], Found],
    lasting: Callable[[Found], bool] = lambda _: True,
) -> tuple[Found, bool]:
    file = place / f"{key}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):  # not there, torn, or changed by hand
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["hash"] == _hash(said["found"]):
            return read(said["found"]), True
    made = make()
    if lasting(made):
        with suppress(OSError):  # whoever may not write beside the dataset does it again
            place.mkdir(exist_ok=True)
            found = write(made)
            write_whole(file, json.dumps({"found": found, "hash": _hash(found)}))
    return made, False


def _lasting(report: Report) -> bool:
    """A template that is too slow may be one on a machine that is too busy."""
    return not any(check.code == "endless-template" for check in report.checks)


def _key(folder: DatasetFolder, model: Path, asked: dict[str, Any]) -> str:
    return _hash(
        {
            "dataset": {"id": folder.id, "view": folder.view, "singles": folder.singles, "files": folder.hashes()},
            "manifest": file_hash(folder.path / "dataset.json"),
            "model": {
                file.name: file_hash(file)
                for file in sorted(model.iterdir())
                if file.is_file() and file.suffix not in WEIGHTS
            },
            "templates": {str(file.relative_to(model)): file_hash(file) for file in sorted(model.rglob("*.jinja"))},
            "asked": asked,
            "code": _code(),
            "versions": installed_versions(*PACKAGES, "jinja2", "tokenizers"),
        }
    )


def _code() -> dict[str, str]:
    """Of this package: a check that is mended is done again."""
    return {file.name: file_hash(file) for file in sorted(Path(__file__).parent.glob("*.py"))}


def _hash(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
