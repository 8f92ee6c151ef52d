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
from marlin.datasets.rows import canonical_row, never_trains
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.spooling import Spool, input_digest
from marlin.datasets.wishes import Wish
from marlin.datasets.writing import Built, Progress, write
from marlin.tasks import Code


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
    found = Gathered(wish)
    licences, shape = Licences(code), wish.shape_digest()
    names = _names(await list_arms(session, campaign.id)) if wish.scrub_models else None
    async for item in queries.items(session, campaign.id):
        found.counts["ratings"] += len(item.ratings)
        progress("gathering", 1)
        facts = await queries.facts_of(session, item)
        if never_trains(item, facts):
            found.leave_out("an arm's outputs may not train")
            continue
        digest = input_digest(item, facts, shape)
        known = await asyncio.to_thread(spool.known, digest)
        if known is None:
            row = await canonical_row(code, licences, item, facts, campaign=campaign.slug, anonymous=wish.scrub_models)
            entry = await asyncio.to_thread(_scrub, row, names, wish)
            await asyncio.to_thread(spool.add, digest, entry)
        else:
            entry = Spool.parse(known)
            await asyncio.to_thread(spool.add_line, known)
        found.add(entry)
        session.expunge_all()  # what was read is no longer needed: memory stays the same however many there are
    return found


def _names(arms: Sequence[Arm]) -> list[str]:
    return [name for arm in arms for name in (arm.name, arm.agent, arm.model) if name]


def _scrub(row: dict[str, Any], models: list[str] | None, wish: Wish) -> dict[str, Any]:
    scrubber = Scrubber(models=models, decisions=wish.decisions)
    clean = scrubber.value(row)
    held = {one.id: {"name": one.name, "shown": one.shown} for one in scrubber.held.values()}
    return {"row": clean, "scrubbed": dict(scrubber.counts), "held": held}


def divide(found: Gathered, campaign: Campaign, wish: Wish) -> dict[bytes, Split]:
    """The split of every row's key. Raises as :func:`build`."""
    if not found.keys:
        left = "; ".join(f"{count} × {reason}" for (_, reason), count in sorted(found.left_out.items()))
        raise NothingToExportError(
            f"Campaign {campaign.slug} has nothing to export: {left or 'no comparison is accepted yet'}.",
            hint=(
                f"Look at what is held: marlin dataset held {campaign.slug}."
                if found.held
                else "Loosen the filters, or wait until submissions are accepted."
            ),
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
