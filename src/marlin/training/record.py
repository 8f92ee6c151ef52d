"""``record.json``: what a run was made of, in hashes, and what became of it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import marlin
from marlin.training.dataset import DatasetFolder, file_hash
from marlin.training.errors import InvalidRunError, RunStateError
from marlin.training.extra import installed_versions
from marlin.training.plan import Plan, RunFolder
from marlin.training.saying import Say, silently

ADAPTER = ("*.safetensors", "adapter_config.json")
WEIGHTS = ("*.safetensors", "*.bin", "config.json", "tokenizer.json", "tokenizer_config.json", "*.jinja")


def now() -> str:
    """In UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_whole(file: Path, text: str) -> None:
    """Replace a file in one step, so that a killed process leaves the old or the new one."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with fresh.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def folder_hash(folder: Path, patterns: tuple[str, ...] = ("*",), say: Say = silently) -> str:
    """SHA-256 over names and bytes of the files in a folder that match."""
    digest = hashlib.sha256()
    files = sorted({file for pattern in patterns for file in folder.glob(pattern) if file.is_file()})
    whole, before = sum(file.stat().st_size for file in files) // 1_000_000, 0
    for file in files:
        start = before // 1_000_000
        said = file_hash(file, lambda done, start=start: say("hashing the model's files, MB", start + done, whole))  # type: ignore[misc]
        digest.update(f"{file.name}\0{said}\n".encode())
        before += file.stat().st_size
    return digest.hexdigest()


def inputs(plan: Plan, folder: DatasetFolder, model: Path, say: Say = silently) -> dict[str, Any]:
    """Everything that went in, so that whoever has the same has the same run."""
    return {
        "dataset": {
            "id": folder.id,
            "view": folder.view,
            "synthetic": folder.synthetic,
            "split_hash": folder.split_hash,
            "files": folder.hashes(),
        },
        "model": {"name": plan.model, "hash": folder_hash(model, WEIGHTS, say)},
        "code": {"version": marlin.__version__, "commit": _commit()},
        "versions": installed_versions(),
        "lock": _lock_hash(),
        "machine": {"python": platform.python_version(), "platform": platform.platform()},
        "seed": plan.seed,
    }


def read(run: RunFolder) -> dict[str, Any]:
    """The record so far; empty if there is none.

    :raises InvalidRunError: it is no JSON.
    """
    try:
        found: dict[str, Any] = json.loads(run.record_file.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("no object")
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise InvalidRunError(
            f"{run.record_file} can't be read: {error}.",
            hint="Put it back; without it nobody knows what the run was made of. Or start the run again elsewhere.",
        ) from error
    return found


def update(run: RunFolder, **values: Any) -> dict[str, Any]:
    """Change the record, in one step."""
    whole = {**read(run), **values, "updated_at": now()}
    write_whole(run.record_file, json.dumps(whole, indent=2, sort_keys=True) + "\n")
    return whole


def require_dataset(run: RunFolder, plan: Plan, say: Say = silently) -> None:
    """See that the dataset is still what the run began with, to the byte.

    :raises UnreadableDatasetError: its files are not those that its manifest names.
    :raises RunStateError: it is another.
    """
    plan.folder.check(say)
    began_with = _began_with(run, "dataset").get("files")
    if began_with is not None and plan.folder.hashes() != began_with:
        raise RunStateError(
            f"{plan.dataset} is not what the run began with: its files have changed.",
            hint="Put the dataset of that id back; `marlin dataset verify` checks it.",
        )


def require_model(run: RunFolder, plan: Plan, model: Path, say: Say = silently) -> None:
    """See that the base model is still the one that the run began with: an adapter on another is noise.

    :raises RunStateError: it is another.
    """
    began_with = _began_with(run, "model").get("hash")
    if began_with is not None and folder_hash(model, WEIGHTS, say) != began_with:
        raise RunStateError(
            f"{plan.model} is not the model that the run began with: its files have changed.",
            hint=f"Put the model back whose hash is {began_with[:12]} (record.json), or start a new run.",
        )


def require_untrained(run: RunFolder) -> None:
    """:raises RunStateError: it is trained to its end already."""
    if read(run).get("state") == "trained":
        raise RunStateError(f"{run.path} is trained already.", hint="`marlin tune evaluate` it, or start a new run.")


def require_adapter(run: RunFolder) -> None:
    """See that the run is trained, and its adapter as it was saved.

    :raises RunStateError: it is not.
    """
    if not (run.adapter / "adapter_config.json").is_file():
        raise RunStateError(f"{run.path} has no adapter yet.", hint="`marlin tune resume` it to the end.")
    kept = read(run)
    if kept.get("state") == "trained" and folder_hash(run.adapter, ADAPTER) != kept.get("adapter_hash"):
        raise RunStateError(
            f"{run.adapter} is not what was trained: its files have changed.",
            hint="Put them back, or start a new run; run.yaml says what this one was asked to do.",
        )


def _began_with(run: RunFolder, what: str) -> dict[str, Any]:
    found: dict[str, Any] = (read(run).get("inputs") or {}).get(what) or {}
    return found


def _root() -> Path:
    return Path(marlin.__file__).parent.parent.parent


def _lock_hash() -> str | None:
    lock = _root() / "requirements-tune.lock"
    return file_hash(lock) if lock.is_file() else None


def _commit() -> str | None:
    if not (_root() / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "-C", str(_root()), "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
