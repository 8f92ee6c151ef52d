"""What builds held back for a person, and what the person said: a file beside the datasets, per campaign."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marlin.datasets.suspicions import Decision
from marlin.errors import NotFoundError


class HeldStore:
    """Values that may be secrets, by id. They themselves are not in it, only their first characters.

    :param folder: where the campaign's datasets are.
    """

    def __init__(self, folder: Path, campaign: str) -> None:
        self._path = folder / f".held-{campaign}.json"

    def read(self) -> dict[str, dict[str, Any]]:
        """``{id: {name, shown, rows, count, decision, by, at}}``; the last three are null until somebody decides."""
        try:
            found: dict[str, dict[str, Any]] = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def decisions(self) -> dict[str, Decision]:
        """What was decided, by id."""
        return {name: one["decision"] for name, one in self.read().items() if one["decision"]}

    def note(self, held: dict[str, dict[str, Any]]) -> None:
        """Add what a build held back."""
        known = self.read()
        for name, one in held.items():
            undecided = {"decision": None, "by": None, "at": None}
            known[name] = {**undecided, **known.get(name, {}), **one}
        if held:
            self._write(known)

    def decide(self, decisions: Mapping[str, Decision], by: str) -> None:
        """Keep these values as they are, or replace them, in every later build.

        :raises NotFoundError: a value was never held; nothing is decided then.
        """
        known = self.read()
        strange = [name for name in decisions if name not in known]
        if strange:
            raise NotFoundError(f"Nothing is held under {strange[0]}.", hint="Ids stand in the list of what is held.")
        for name, decision in decisions.items():
            known[name] |= {"decision": decision, "by": by, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        self._write(known)

    def _write(self, found: dict[str, dict[str, Any]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(found, file, indent=2, ensure_ascii=False, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
