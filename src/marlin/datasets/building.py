"""Making a dataset: rows are gathered once, divided, then written as files that only a finished dataset shows."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from marlin.campaigns import Arm, Campaign, list_arms
from marlin.dataset_files import Split
from marlin.datasets import queries
from marlin.datasets.choosing import Gathered
from marlin.datasets.errors import DatasetBusyError, DatasetDiskFullError, NoSplitError, NothingToExportError
from marlin.datasets.licences import Licences
from marlin.datasets.queries import Facts, Item
from marlin.datasets.rows import canonical_row, never_trains
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.spooling import Spool, input_digest
from marlin.datasets.wishes import Wish
from marlin.datasets.writing import Built, Progress, write
from marlin.tasks import Code

MAY_NOT_TRAIN = "an arm's outputs may not train"
_READ_AT_ONCE = 32
_MADE_AT_ONCE = 4


async def build(
    session: AsyncSession,
    code: Code,
    campaign: Campaign,
    wish: Wish,
    folder: Path,
    *,
    progress: Progress = lambda _stage, _rows: None,
) -> Built:
    """Make the dataset of a campaign in ``folder``, in a folder of its own that is named by its contents.

    :raises NothingToExportError: no accepted rating gets through.
    :raises NoSplitError: everything hangs together, and a test split is wanted.
    :raises DatasetDiskFullError: no room; the next try takes over what was done.
    """
    work = folder / f".building-{campaign.slug}"
    try:
        with _alone(work):
            return await _build(session, code, campaign, wish, folder, work, progress)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DatasetDiskFullError(
            f"There is no room left for the dataset in {folder}.",
            hint="Make room and run the same command again: it goes on from what was done.",
        ) from error


@contextlib.contextmanager
def _alone(work: Path) -> Iterator[None]:
    """One build of a campaign in a folder at a time; a dead one's claim ends with it."""
    work.mkdir(parents=True, exist_ok=True)
    handle = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DatasetBusyError(f"Another process builds this dataset in {work.parent}.", hint="Wait for it.") from error
    finally:
        os.close(handle)


async def _build(
    session: AsyncSession, code: Code, campaign: Campaign, wish: Wish, folder: Path, work: Path, progress: Progress
) -> Built:
    spool = Spool(work / "spool")
    try:
        gathered = await _gather(session, code, campaign, wish, spool, progress)
    finally:
        spool.close()
    divided = divide(gathered, campaign, wish)
    return await asyncio.to_thread(write, campaign, wish, folder, work, spool, gathered, divided, progress)


async def _gather(
    session: AsyncSession, code: Code, campaign: Campaign, wish: Wish, spool: Spool, progress: Progress
) -> Gathered:
    found, maker = Gathered(wish), _Maker(code, campaign.slug, wish, spool)
    arms = {arm.id: arm for arm in await list_arms(session, campaign.id)}
    maker.models = _names(list(arms.values())) if wish.scrub_models else None
    async for items in queries.chunks(session, campaign.id, _READ_AT_ONCE):
        facts = await queries.facts_of(session, items, arms)
        for start in range(0, len(items), _MADE_AT_ONCE):
            several = list(zip(items, facts, strict=True))[start : start + _MADE_AT_ONCE]
            for (item, _), line in zip(several, await maker.lines(several), strict=True):
                found.counts["ratings"] += len(item.ratings)
                progress("gathering", 1)
                if line is None:
                    found.leave_out("what was asked was rejected in review" if item.task_rejected else MAY_NOT_TRAIN)
                    continue
                await asyncio.to_thread(spool.add_line, line)
                found.add(Spool.parse(line))
    return found


class _Maker:
    """Makes the lines of the spool, several at once: git's and the disk's time passes beside Python's."""

    def __init__(self, code: Code, campaign: str, wish: Wish, spool: Spool) -> None:
        self._code, self._campaign, self._wish, self._spool = code, campaign, wish, spool
        self._licences, self._shape = Licences(code), wish.shape_digest()
        self.models: list[str] | None = None

    async def lines(self, several: Sequence[tuple[Item, Facts]]) -> list[bytes | None]:
        """A line each; None where nothing may be trained on."""
        return list(await asyncio.gather(*(self._line(item, facts) for item, facts in several)))

    async def _line(self, item: Item, facts: Facts) -> bytes | None:
        if item.task_rejected or never_trains(item, facts):
            return None
        digest = input_digest(item, facts, self._shape)
        known = self._spool.known(digest)
        if known is not None:
            return known
        row = await canonical_row(
            self._code, self._licences, item, facts, campaign=self._campaign, anonymous=self._wish.scrub_models
        )
        return await asyncio.to_thread(self._scrubbed, digest, row)

    def _scrubbed(self, digest: str, row: dict[str, Any]) -> bytes:
        scrubber = Scrubber(models=self.models, decisions=self._wish.decisions)
        clean = scrubber.value(row)
        held = {one.id: {"name": one.name, "shown": one.shown} for one in scrubber.held.values()}
        return Spool.line(digest, {"row": clean, "scrubbed": dict(scrubber.counts), "held": held})


def _names(arms: Sequence[Arm]) -> list[str]:
    return [name for arm in arms for name in (arm.name, arm.agent, arm.model) if name]


def _hint(found: Gathered, campaign: Campaign) -> str:
    reasons = {reason for _, reason in found.left_out}
    if found.held:
        return f"Look at what is held: marlin dataset held {campaign.slug}."
    if reasons == {MAY_NOT_TRAIN}:
        return (
            "No arm here was entered with outputs_may_train: only its provider's terms decide that. "
            "Enter arms whose outputs may train (`marlin arm add --outputs-may-train`) for the next comparisons."
        )
    if any(reason.startswith("filter") for reason in reasons):
        return "Loosen the filters."
    return "Wait until submissions are accepted."


def divide(found: Gathered, campaign: Campaign, wish: Wish) -> dict[bytes, Split]:
    """The split of every row's key. Raises as :func:`build`."""
    if not found.keys:
        left = "; ".join(f"{count} × {reason}" for (_, reason), count in sorted(found.left_out.items()))
        raise NothingToExportError(
            f"Campaign {campaign.slug} has nothing to export: {left or 'no comparison is accepted yet'}.",
            hint=_hint(found, campaign),
            held=found.held,
        )
    if not wish.test_split:
        return found.groups.everything("train")
    divided = found.groups.divide(seed=wish.seed, test_fraction=wish.test_fraction)
    if divided is None:
        raise NoSplitError(
            "All rows hang together (one repository, or tasks that share base commit or request), so nothing can be "
            "held out without the test being known from training.",
            hint="Add --no-test-split to put all of it into train, or export a campaign with more repositories.",
        )
    return divided
