"""What a simulation was begun with, kept in ``<home>/simulations``: the same command goes on, another one is refused.

Written once the campaign is there, so a start that failed reserves no name; by server, so that one name may be played
on two.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marlin.errors import UnavailableError
from marlin.simulation import Plan, PlanError, same_plan


class RecordBrokenError(UnavailableError):
    """The record of a simulation can't be read."""

    code = "simulation-record-broken"


@dataclass(frozen=True, slots=True)
class Record:
    """Where a simulation's plan and summary are kept."""

    path: Path

    @classmethod
    def of(cls, home: Path, campaign: str, url: str | None) -> Record:
        """:raises PlanError: the campaign's name, or the server's address, can't be meant."""
        if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", campaign) is None:
            raise PlanError(
                f"{campaign!r} can't be a campaign's name.",
                hint="Use small letters, digits and hyphens, 63 at most.",
            )
        folder = home / "simulations"
        return cls((folder if url is None else folder / _server(url)) / f"{campaign}.json")

    def check(self, plan: Plan) -> None:
        """See that it is the plan that was begun under this name, if one was.

        :raises PlanError: another simulation has this name. :raises RecordBrokenError: the file can't be read.
        """
        stored = self._stored()
        if stored is None or same_plan(stored, plan):
            return
        ours = json.loads(json.dumps(plan.stored()))
        differing = sorted(name for name, value in ours.items() if stored.get(name) != value and name != "comparisons")
        raise PlanError(
            f"A simulation {plan.campaign!r} was begun with other options ({', '.join(differing)}).",
            hint="Repeat its options to go on with it, or choose another --seed or --campaign.",
        )

    def write(self, plan: Plan, summary: dict[str, Any] | None = None) -> None:
        """Keep the plan, and what came of it; whole or not at all.

        :raises UnavailableError: it can't be written.
        """
        kept = {"plan": plan.stored()} | ({} if summary is None else {"summary": summary})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside = self.path.with_suffix(".new")
            beside.write_text(json.dumps(kept, indent=2), encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            raise UnavailableError(
                f"{self.path} can't be written: {error.strerror}.",
                hint="Set MARLIN_HOME to a folder that this user may write.",
            ) from error

    def _stored(self) -> dict[str, Any] | None:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self._broken(str(error)) from error
        plan = kept.get("plan") if isinstance(kept, dict) else None
        if not isinstance(plan, dict):
            raise self._broken("it has no plan")
        return plan

    def _broken(self, why: str) -> RecordBrokenError:
        return RecordBrokenError(
            f"{self.path}, where the simulation's options are kept, can't be read: {why}.",
            hint="Remove the file and repeat the options the simulation was begun with, or choose another --campaign.",
        )


def _server(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        port = parts.port
    except ValueError:
        usable, port = False, None
    if not usable:
        raise PlanError(f"{url!r} is no address of a Marlin.", hint="Give one such as --url http://127.0.0.1:8420")
    return re.sub(r"[^a-z0-9.-]", "-", f"{parts.hostname}-{port or parts.scheme}".lower())
