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
from marlin.training.extra import installed_versions
from marlin.training.plan import Plan, RunFolder

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


def folder_hash(folder: Path, patterns: tuple[str, ...] = ("*",)) -> str:
    """SHA-256 over names and bytes of the files in a folder that match."""
    digest = hashlib.sha256()
    for file in sorted({file for pattern in patterns for file in folder.glob(pattern) if file.is_file()}):
        digest.update(f"{file.name}\0{file_hash(file)}\n".encode())
    return digest.hexdigest()


def inputs(plan: Plan, folder: DatasetFolder, model: Path) -> dict[str, Any]:
    """Everything that went in, so that whoever has the same has the same run."""
    return {
        "dataset": {
            "id": folder.id,
            "view": folder.view,
            "synthetic": folder.synthetic,
            "split_hash": folder.split_hash,
            "files": folder.hashes(),
        },
        "model": {"name": plan.model, "hash": folder_hash(model, WEIGHTS)},
        "code": {"version": marlin.__version__, "commit": _commit()},
        "versions": installed_versions(),
        "lock": _lock_hash(),
        "machine": {"python": platform.python_version(), "platform": platform.platform()},
        "seed": plan.seed,
    }


def read(run: RunFolder) -> dict[str, Any]:
    """The record so far; empty if there is none."""
    try:
        found: dict[str, Any] = json.loads(run.record_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def update(run: RunFolder, **values: Any) -> dict[str, Any]:
    """Change the record, in one step."""
    whole = {**read(run), **values, "updated_at": now()}
    write_whole(run.record_file, json.dumps(whole, indent=2, sort_keys=True) + "\n")
    return whole


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
