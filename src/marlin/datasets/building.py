"""Making a dataset: rows are gathered once, divided, then written as files that only a finished dataset shows."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from marlin.campaigns import Arm, Campaign, axes_of, list_arms
from marlin.datasets import queries
from marlin.datasets.choosing import Gathered
from marlin.datasets.contents import MAY_NOT_TRAIN
from marlin.datasets.errors import (
    DatasetBusyError,
    DatasetDiskError,
    DatasetDiskFullError,
    DatasetFolderError,
    NoSplitError,
    NothingToExportError,
)
from marlin.datasets.making import ALONE, Maker, Order, line_of
from marlin.datasets.memory import Memory
from marlin.datasets.queries import Facts, Item
from marlin.datasets.rows import known_row, never_trains, results_of
from marlin.datasets.splitting import Division
from marlin.datasets.spooling import Spool, input_digest
from marlin.datasets.trusting import NOBODY_LEFT, NOT_ESTIMATED, Trust
from marlin.datasets.wishes import Wish
from marlin.datasets.writing import Built, Progress, write
from marlin.errors import MarlinError
from marlin.tasks import Code
from marlin.workspaces import StorageFullError

_READ_AT_ONCE = 32
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_FAILING = (errno.EIO, errno.EROFS, errno.EFBIG, errno.ESTALE)


async def build(
    session: AsyncSession,
    code: Code,
    campaign: Campaign,
    wish: Wish,
    folder: Path,
    *,
    progress: Progress = lambda _stage, _rows: None,
    alone: int = ALONE,
) -> Built:
    """Make the dataset of a campaign in ``folder``, in a folder of its own that is named by its contents.

    :param alone: rows that are made before processes are started for the others.
    :raises DatasetWishError: no rubric of the campaign has an axis that is asked for.
    :raises DatasetFolderError: nothing can be written there. :raises DatasetBusyError: another process builds it.
    :raises NothingToExportError: no accepted rating gets through.
    :raises NoSplitError: everything hangs together, and a test split is wanted.
    :raises DatasetDiskFullError: no room; the next try takes over what was done.
    :raises DatasetStorageError: records of model calls can't be read now, though they may be there.
    :raises DatasetDiskError: the disk fails, or somebody took away what was being written.
    """
    wish.check_axes(await axes_of(session, campaign.id))
    work = folder / f".building-{campaign.slug}"
    try:
        with _alone(work):
            return await _build(session, code, campaign, wish, folder, work, progress, alone)
    except (OSError, sqlite3.OperationalError, StorageFullError) as error:
        told = _told(error, folder)
        if told is None:
            raise
        raise told from error


def _told(error: OSError | sqlite3.OperationalError | StorageFullError, folder: Path) -> MarlinError | None:
    """What a disk did to a build; None where it was none. What is read of repositories may lie on another one."""
    again = "run the same command again: it goes on from what was done."
    if isinstance(error, StorageFullError):
        return DatasetDiskFullError(error.message, hint=f"Make room there and {again}")
    named = getattr(error, "filename", None)
    if no_room(error):
        return DatasetDiskFullError(
            f"There is no room left in {named or folder} for the dataset.", hint=f"Make room and {again}"
        )
    if isinstance(error, OSError) and (error.errno in _FAILING or (named and Path(named).is_relative_to(folder))):
        return DatasetDiskError(
            f"The dataset can't be written to {named or folder}: {error.strerror}.",
            hint=f"Mend that, or name another folder with --to; then {again}",
        )
    return None


def no_room(error: OSError | sqlite3.OperationalError) -> bool:
    """Whether an error means that the disk is full, or a quota is."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)


@contextlib.contextmanager
def _alone(work: Path) -> Iterator[None]:
    """One build of a campaign in a folder at a time; a dead one's claim ends with it."""
    handle = _claim(work)
    try:
        while not _stands(work, handle):
            os.close(handle)
            handle = _claim(work)
        yield
    finally:
        os.close(handle)


def _claim(work: Path) -> int:
    try:
        handle = _made(work)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        raise DatasetFolderError(
            f"A dataset can't be written to {work.parent}: {error.strerror}.",
            hint="Name a folder of your own with --to.",
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise DatasetBusyError(
            f"Another process builds a dataset of this campaign in {work.parent}.",
            hint="Wait for it, or name another folder with --to.",
        ) from error
    return handle


def _made(work: Path) -> int:
    while True:
        with contextlib.suppress(FileExistsError):
            work.mkdir(parents=True)
        with contextlib.suppress(FileNotFoundError):  # who had it before took it away when done
            return os.open(work, os.O_RDONLY | os.O_DIRECTORY)


def _stands(work: Path, handle: int) -> bool:
    """Whether the folder is still the one that was claimed: who had it before took it away when done."""
    try:
        return os.path.samestat(work.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


async def _build(
    session: AsyncSession,
    code: Code,
    campaign: Campaign,
    wish: Wish,
    folder: Path,
    work: Path,
    progress: Progress,
    alone: int,
) -> Built:
    (work / "spool").mkdir(exist_ok=True)
    with contextlib.closing(Memory(work / "spool" / "memory.sqlite")) as memory:
        gathered = Gathered(wish, memory, await _trust(session, campaign, wish))
        spool = Spool(work / "spool", memory)
        try:
            await _gather(session, code, campaign, gathered, spool, progress, alone)
        finally:
            spool.close()
        divided = divide(gathered, campaign, wish)
        return await _to_its_end(
            lambda tell: write(campaign, wish, folder, work, spool, gathered, divided, tell), progress
        )


class _StoppedError(Exception):
    """Nobody waits any more for what a thread does."""


async def _to_its_end(work: Callable[[Progress], Built], progress: Progress) -> Built:
    """What a thread made. After Ctrl-C it stops at its next row, and nothing goes on before it has: else it would
    write into a folder that is another build's by then."""
    ended = threading.Event()

    def tell(stage: str, rows: int) -> None:
        if ended.is_set():
            raise _StoppedError
        progress(stage, rows)

    working = asyncio.ensure_future(asyncio.to_thread(work, tell))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        ended.set()
        await asyncio.wait([working])
        if not working.cancelled():
            working.exception()  # nobody else asks for it
        raise


async def _trust(session: AsyncSession, campaign: Campaign, wish: Wish) -> Trust | None:
    if not wish.min_reliability:
        return None
    from marlin import leaderboards  # and with it scipy: for whoever asks alone

    known = await leaderboards.contributor_reliability(session, campaign.id)
    return Trust(wish.min_reliability, known, wish.keep_unestimated)


async def _gather(
    session: AsyncSession, code: Code, campaign: Campaign, found: Gathered, spool: Spool, progress: Progress, alone: int
) -> None:
    """Rows are asked for as they are read of the tables, so many ahead, and taken in that order."""
    wish = found.wish
    arms = {arm.id: arm for arm in await list_arms(session, campaign.id)}
    names = _names(list(arms.values())) if wish.scrub_models else None
    maker = Maker(code, models=names, decisions=wish.decisions, alone=alone)
    shape = wish.shape_digest()
    ahead: deque[tuple[Item, asyncio.Future[bytes] | bytes | None]] = deque()

    async def take() -> None:
        item, asked = ahead.popleft()
        line = asked if asked is None or isinstance(asked, bytes) else await line_of(asked)
        progress("gathering", 1)
        if line is None:
            found.leave_out("what was asked was rejected in review" if item.task_rejected else MAY_NOT_TRAIN)
            return
        await asyncio.to_thread(spool.add_line, line)
        found.add(Spool.parse(line))

    try:
        async for read in queries.chunks(session, campaign.id, _READ_AT_ONCE):
            items = [left for item in read if (left := found.sift(item))]
            facts = await queries.facts_of(session, items, arms)
            for item, about in zip(items, facts, strict=True):
                ahead.append((item, _ask(maker, spool, item, about, campaign, wish, shape)))
                while len(ahead) > maker.at_once:
                    await take()
        while ahead:
            await take()
    finally:
        await maker.close()
        # after an error nobody waits for these any more
        await asyncio.gather(
            *(asked for _, asked in ahead if isinstance(asked, asyncio.Future)), return_exceptions=True
        )


def _ask(
    maker: Maker, spool: Spool, item: Item, facts: Facts, campaign: Campaign, wish: Wish, shape: str
) -> asyncio.Future[bytes] | bytes | None:
    """An item's line, now if an earlier try had made it, or later; None where nothing may be trained on."""
    if item.task_rejected or never_trains(item, facts):
        return None
    digest = input_digest(item, facts, shape)
    known = spool.known(digest)
    if known is not None:
        return known
    row = known_row(item, facts, campaign=campaign.slug, anonymous=wish.scrub_models)
    return maker.ask(Order(digest, row, results_of(item, facts)))


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
    if reasons == {NOT_ESTIMATED, NOBODY_LEFT}:
        return (
            "Nobody can be estimated yet: let several people judge the same results, or give gold tasks (overlap_rate "
            "and gold_rate in the campaign's assignment policy); or add --keep-unestimated."
        )
    if any(reason.startswith("filter") for reason in reasons):
        return "Loosen the filters."
    return "Wait until submissions are accepted."


def divide(found: Gathered, campaign: Campaign, wish: Wish) -> Division:
    """The split of every row. Raises as :func:`build`."""
    if not found.counts["rows"]:
        left = "; ".join(
            f"{count:,} × {reason}" for (scope, reason), count in sorted(found.left_out.items()) if scope == "dataset"
        )
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
