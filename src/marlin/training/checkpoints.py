"""Checkpoints that say whether they are whole: what a kill tore or a disk changed is never gone on from."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from marlin.training.dataset import file_hash
from marlin.training.record import write_whole

SEAL = "marlin-whole.json"
DAMAGED = "damaged-"
"""Begins the name that a sealed checkpoint gets once a file of it has changed: the trainers don't know that name."""


@dataclass(frozen=True, slots=True)
class Torn:
    """A checkpoint that can't be gone on from. :ivar why: in words, for people."""

    step: int
    why: str


def seal(checkpoint: Path) -> None:
    """Say of a checkpoint that all of it is on disk: names, sizes and SHA-256, synced, written last."""
    files = {
        str(file.relative_to(checkpoint)): {"size": file.stat().st_size, "sha256": file_hash(file)}
        for file in synced(checkpoint)
        if file.name != SEAL
    }
    write_whole(checkpoint / SEAL, json.dumps(files, indent=1))


def synced(folder: Path) -> list[Path]:
    """Have all files of a folder written to the disk; returns them in order."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    for file in files:
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
    return files


def fault(checkpoint: Path) -> str | None:
    """Why it can't be gone on from; None if it was sealed and every file of it is as it was then, to the byte."""
    try:
        files = json.loads((checkpoint / SEAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "it was not written to its end"
    except (OSError, ValueError):
        return f"{SEAL} can't be read"
    if not (isinstance(files, dict) and files and all(isinstance(one, dict) for one in files.values())):
        return f"{SEAL} lists no files"
    try:
        for name, kept in sorted(files.items(), key=lambda one: one[1]["size"]):  # the quick ones first
            file = checkpoint / name
            if not file.is_file():
                return f"{name} is missing"
            if file.stat().st_size != kept["size"]:
                return f"{name} has {file.stat().st_size:,} bytes of {kept['size']:,}"
            if file_hash(file) != kept["sha256"]:
                return f"{name} has other bytes than were saved"
    except (OSError, KeyError, TypeError) as error:
        return f"it can't be read: {error}"
    return None


def last_whole(checkpoints: Path) -> tuple[Path | None, list[Torn]]:
    """The newest checkpoint to go on from, and those past it that are not whole.

    One that a kill left half written is removed. One that was whole once is set aside under another name, since it
    may tell what became of the disk.
    """
    torn: list[Torn] = []
    whole: Path | None = None
    for one in sorted(checkpoints.glob("checkpoint-*"), key=_step, reverse=True):
        if whole is not None and (one / SEAL).exists():
            continue  # older ones are looked at when they are needed: each is as large as the first
        why = fault(one)
        if why is None:
            whole = one
            continue
        if whole is None:
            torn.append(Torn(_step(one), why))
        if (one / SEAL).exists():
            aside = one.with_name(DAMAGED + one.name)
            shutil.rmtree(aside, ignore_errors=True)
            one.rename(aside)
        else:
            shutil.rmtree(one)
    return whole, torn


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
