"""Deciding on held values, so that the files and the audit log tell the same whatever fails in between.

With the files locked, an intent is put beside the datasets: what is to be said, under a number of its own. The audit
entry with that number is part of the caller's transaction. Once that is committed, and only then, the files change and
the intent goes. A death in between leaves the intent: whoever looks next asks the audit log whether it was committed,
and carries it out or takes it away (:func:`settle`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy import event, func, select

from marlin import logging
from marlin.accounts import Person, list_audit, record_audit
from marlin.datasets.errors import HeldDecidedError, HeldFileError
from marlin.datasets.held import HeldStore, HeldValue, Values, newest, now, put_whole, sync_folder
from marlin.datasets.holding import stores_of
from marlin.datasets.registry import FOLDER
from marlin.datasets.suspicions import Decision
from marlin.db import transaction
from marlin.errors import NotFoundError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from marlin.campaigns import Campaign

_ACTION = "dataset.held_decided"
_WORDS = {"keep": "kept", "redact": "redacted", None: "undecided"}
_WRITTEN_S = 60.0
"""Nobody writes at an intent for so long."""
_log = logging.get(__name__)


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


class _Intent(BaseModel):
    """What is to be said, in which files, once the audit log has it."""

    number: str
    files: list[Path]
    said: dict[str, Decision | None]
    by: str
    at: AwareDatetime


@dataclass(slots=True)
class Prepared:
    """A decision that is ready to be shown; the files are locked until it is shown, dropped or left.

    :ivar number: of its intent.
    :ivar changed: values, by id, that were decided otherwise before, or not at all: as they will be.
    """

    number: str
    changed: dict[str, HeldValue]
    _intent: Path
    _stores: Sequence[HeldStore]
    _locks: contextlib.ExitStack = field(repr=False)

    def show(self) -> None:
        """The transaction is committed: the files say so, too."""
        with self._locks:
            try:
                for store in self._stores:
                    store.show()
                self._intent.unlink()
            except (HeldFileError, OSError) as error:  # it was decided: whoever looks next carries it out
                _log.warning("a decision on held values is not in its file yet", reason=str(error))

    def drop(self) -> None:
        """It was not decided."""
        with self._locks:
            self._intent.unlink(missing_ok=True)
            for store in self._stores:
                store.drop()

    def leave(self) -> None:
        """Only the audit log knows whether it was decided."""
        with self._locks:
            for store in self._stores:
                store.drop()


def prepare(
    home: Path, campaign: str, said: Mapping[str, Said], *, by: str, folder: Path | None = None
) -> Prepared | None:
    """Make a decision ready, in all files that hold the values; None where nothing would change.

    :param said: by id. :param by: the name that others see beside it.
    :raises NotFoundError: a value was never held. :raises HeldFileError: a file can't be read or written.
    :raises HeldDecidedError: somebody else has decided otherwise since a sighted one was read.
    """
    stores = stores_of(home, campaign, folder)
    with contextlib.ExitStack() as stack:
        for store in stores:
            stack.enter_context(store.alone())
        several = [store.read() for store in stores]
        merged = _merged(several, said)
        _refuse_unseen(merged, said)
        intent = _Intent(
            number=uuid4().hex,
            files=[store.path for store in stores],
            said={name: one.decision for name, one in said.items() if merged[name].decision != one.decision},
            by=by,
            at=now(),
        )
        if not intent.said:
            return None
        path = _folder(home) / f"{_prefix(campaign)}{intent.number}.json"
        try:
            with _told(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                put_whole(path, intent.model_dump_json())
                sync_folder(path.parent)
            for store, values in zip(stores, several, strict=True):
                _say(values, intent)
                store.prepare(values)
        except BaseException:
            path.unlink(missing_ok=True)
            for store in stores:
                store.drop()
            raise
        told = {"by": by, "at": intent.at}
        changed = {
            name: merged[name].model_copy(update={"decision": decision} | told)
            for name, decision in intent.said.items()
        }
        return Prepared(intent.number, changed, path, stores, stack.pop_all())


async def decide_and_record(
    session: AsyncSession,
    home: Path,
    campaign: Campaign,
    said: Mapping[str, Said],
    *,
    by: str,
    actor: Person | None,
    folder: Path | None = None,
) -> Values:
    """Keep values as they are, or replace them, in every later build; all of it or nothing, and on record.

    It is decided when ``session`` is committed: until then the files tell what they did, and nobody else can decide.

    :param actor: None at the machine's command line.
    :returns: those that were decided otherwise before, or not at all, as they will be. Raises as :func:`prepare`.
    """
    await settle(home, campaign)
    prepared = await asyncio.to_thread(prepare, home, campaign.slug, said, by=by, folder=folder)
    if prepared is None:
        return {}
    _follow(session, prepared)
    await _turn_of(session, prepared.number)
    details: dict[str, Any] = {
        word: [name for name, value in prepared.changed.items() if value.decision == one]
        for one, word in _WORDS.items()
    }
    record_audit(session, actor, _ACTION, f"campaign:{campaign.id}", details | {"number": prepared.number})
    return prepared.changed


def _follow(session: AsyncSession, prepared: Prepared) -> None:
    """Show the decision when the transaction is committed, drop it when it is not."""
    asked = shown = False

    def before_commit(_: object) -> None:
        nonlocal asked
        asked = True

    def after_commit(one: Any) -> None:
        nonlocal shown
        if not one.in_nested_transaction():
            shown = True
            prepared.show()

    def at_the_end(_: object, ended: Any) -> None:
        if ended.parent is None and not shown:
            prepared.leave() if asked else prepared.drop()

    for name, told in (
        ("before_commit", before_commit),
        ("after_commit", after_commit),
        ("after_transaction_end", at_the_end),
    ):
        event.listen(session.sync_session, name, told)


async def settle(home: Path, campaign: Campaign) -> None:
    """Carry out, or take away, what a death left between the audit log and the files.

    :raises HeldFileError: a file can't be read, locked or written.
    """
    for path in await asyncio.to_thread(_left, home, campaign.slug):
        with contextlib.ExitStack() as locks:
            intent = await asyncio.to_thread(_claimed, path, campaign.slug, locks)
            if intent is None:
                continue
            async with transaction() as session:
                await _turn_of(session, intent.number)  # a commit that is under way is waited for
                entries = await list_audit(session, subject=f"campaign:{campaign.id}")
                decided = any(entry.data.get("number") == intent.number for entry in entries)
            if decided:
                await asyncio.to_thread(_carry_out, intent, campaign.slug)
            path.unlink(missing_ok=True)


async def _turn_of(session: AsyncSession, number: str) -> None:
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"held {number}", 0))))


def _folder(home: Path) -> Path:
    return home / FOLDER


def _prefix(campaign: str) -> str:
    return f".deciding-{campaign}."


def _left(home: Path, campaign: str) -> list[Path]:
    return sorted(_folder(home).glob(f"{_prefix(campaign)}*.json"))


def _claimed(path: Path, campaign: str, locks: contextlib.ExitStack) -> _Intent | None:
    """What an intent says that nobody is about any more; None where there is none."""
    try:
        intent = _Intent.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        if time.time() - path.stat().st_mtime > _WRITTEN_S:
            path.unlink(missing_ok=True)  # torn: it was never on its way to the audit log
        return None
    for store in _stores(intent, campaign):
        locks.enter_context(store.alone())
    return intent if path.exists() else None


def _carry_out(intent: _Intent, campaign: str) -> None:
    for store in _stores(intent, campaign):
        values = store.read()
        _say(values, intent)
        store.prepare(values)
        store.show()


def _stores(intent: _Intent, campaign: str) -> list[HeldStore]:
    return [HeldStore(path.parent, campaign) for path in intent.files if path.exists()]


def _say(values: Values, intent: _Intent) -> None:
    for name in intent.said.keys() & values.keys():
        values[name].decision, values[name].by, values[name].at = intent.said[name], intent.by, intent.at


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HeldFileError(
            f"{path} can't be written: {error.strerror or error}.", hint="Mend that and decide again."
        ) from error


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
