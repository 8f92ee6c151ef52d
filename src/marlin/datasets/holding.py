"""What waits for a person in all folders of an installation, and deciding on it: for the web app and the command alike.

One value may be held in several folders. It is one value all the same: a decision is written to each of them, and a
build anywhere goes by the last one.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from marlin.accounts import Person, record_audit
from marlin.datasets.errors import HeldDecidedError, HeldFileError
from marlin.datasets.held import HeldStore, HeldValue, Values, newest, now
from marlin.datasets.registry import folders_of
from marlin.datasets.suspicions import Decision
from marlin.errors import NotFoundError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from marlin.campaigns import Campaign

_NAME = re.compile(r"\.held-(.+)\.json")
_WORDS = {"keep": "kept", "redact": "redacted", None: "undecided"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a value.

    :ivar decision: None takes back what was decided.
    :ivar seen: when the decision that they saw was made, None for none; for ``sighted`` ones alone.
    :ivar sighted: whether what was decided since then is told rather than replaced.
    """

    decision: Decision | None
    seen: datetime | None = None
    sighted: bool = False


def campaigns_held(home: Path) -> set[str]:
    """Slugs of the campaigns for which anything was ever held."""
    names = (_NAME.fullmatch(path.name) for folder in folders_of(home) for path in folder.glob(".held-*.json"))
    return {name[1] for name in names if name}


def held_values(home: Path, campaign: str, folder: Path | None = None) -> tuple[Values, list[HeldFileError]]:
    """All values of a campaign by id, and which files couldn't be read.

    :param folder: another one in which datasets are, beside those that the installation knows.
    """
    found: dict[str, list[HeldValue]] = {}
    problems = []
    for store in _stores(home, campaign, folder):
        try:
            values = store.read()
        except HeldFileError as error:
            problems.append(error)
            continue
        for name, one in values.items():
            found.setdefault(name, []).append(one)
    return {name: newest(several) for name, several in found.items()}, problems


def decisions_for(home: Path, campaign: str, folder: Path) -> dict[str, Decision]:
    """What was decided, for a build into ``folder``.

    :raises HeldFileError: one of the files can't be read: a build that knows less would hold rows again.
    """
    values, problems = held_values(home, campaign, folder)
    if problems:
        raise problems[0]
    return {name: one.decision for name, one in values.items() if one.decision}


def decide(home: Path, campaign: str, said: Mapping[str, Said], *, by: str, folder: Path | None = None) -> list[str]:
    """Keep values as they are, or replace them, in every later build; all of it or nothing.

    :param said: by id. :param by: the name that others see beside it.
    :returns: ids of those that were decided otherwise before, or not at all.
    :raises NotFoundError: a value was never held. :raises HeldFileError: a file can't be read or written.
    :raises HeldDecidedError: somebody else has decided otherwise since a sighted one was read.
    """
    with contextlib.ExitStack() as stack:
        # always in the same order: two at once wait for one another, and never each for the other
        stores = [stack.enter_context(store.changing()) for store in _stores(home, campaign, folder)]
        merged = _merged(stores, said)
        _refuse_unseen(merged, said)
        changed = [name for name, one in said.items() if merged[name].decision != one.decision]
        at = now()
        for name in changed:
            for values in stores:
                if name in values:
                    values[name].decision, values[name].by, values[name].at = said[name].decision, by, at
    return changed


async def decide_and_record(
    session: AsyncSession,
    home: Path,
    campaign: Campaign,
    said: Mapping[str, Said],
    *,
    by: str,
    actor: Person | None,
    folder: Path | None = None,
) -> list[str]:
    """:func:`decide`, with a record in the audit log of who changed what.

    :param actor: None at the machine's command line.
    """
    changed = await asyncio.to_thread(decide, home, campaign.slug, said, by=by, folder=folder)
    if changed:
        details = {word: [name for name in changed if said[name].decision == one] for one, word in _WORDS.items()}
        record_audit(session, actor, "dataset.held_decided", f"campaign:{campaign.id}", details)
    return changed


def _stores(home: Path, campaign: str, folder: Path | None) -> list[HeldStore]:
    known = dict.fromkeys([*folders_of(home), *([folder.resolve()] if folder else [])])
    stores = (HeldStore(one, campaign) for one in sorted(known))
    return [store for store in stores if store.path.exists()]


def _merged(stores: Sequence[Values], wanted: Iterable[str]) -> Values:
    found = {name: [values[name] for values in stores if name in values] for name in wanted}
    strange = next((name for name, several in found.items() if not several), None)
    if strange is not None:
        raise NotFoundError(f"Nothing is held under {strange}.", hint="Ids stand in the list of what is held.")
    return {name: newest(several) for name, several in found.items()}


def _refuse_unseen(merged: Values, said: Mapping[str, Said]) -> None:
    other = {
        name: found
        for name, found in merged.items()
        if said[name].sighted and found.at != said[name].seen and found.decision != said[name].decision
    }
    if not other:
        return
    first = next(iter(other.values()))
    what = {"keep": "to keep", "redact": "to redact", None: "to leave undecided"}[first.decision]
    more = f", and on {len(other) - 1:,} more" if len(other) > 1 else ""
    raise HeldDecidedError(
        f"{first.by or 'Somebody'} has decided {what} the value assigned to {first.name}{more}, since you looked.",
        hint="Nothing of yours was changed. Look at the list as it is now, and decide again.",
        held=[
            {"id": name, "decision": one.decision, "by": one.by, "at": one.at.isoformat() if one.at else None}
            for name, one in other.items()
        ],
    )
