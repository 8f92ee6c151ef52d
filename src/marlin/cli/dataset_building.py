"""The work of ``marlin dataset build``, apart from its options: it alone needs the tables and what is above them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts, campaigns, datasets, tasks
from marlin.cli.database import in_transaction
from marlin.cli.dataset_progress import Steps
from marlin.datasets import Built, HeldFileError, HeldStore, NothingToExportError, Wish, decisions_for, note_dataset
from marlin.settings import get_settings

progress_console = Console(stderr=True, soft_wrap=True, highlight=False)


def build_dataset(campaign: str, folder: Path, wish: dict[str, Any]) -> Built:
    """Build the dataset of a campaign in a folder, showing how far it is, and note it where the web app finds it.

    :param wish: of :class:`marlin.datasets.Wish`, but for what people decided on held values.
    """
    settings = get_settings()
    store = HeldStore(folder, campaign)
    Wish(**wish)  # what can't be is told before there is any work
    gathered = 0
    with Steps(progress_console) as steps:
        steps.begin("gathering", "rows")

        def tell(stage: str, done: int) -> None:
            nonlocal gathered
            if stage == "gathering":
                gathered += done
            elif stage == "writing":
                steps.begin(stage, "rows", gathered)  # those that are left out are passed over
            steps.advance(stage, done, "bytes" if stage == "checking" else "rows")

        async def work(session: AsyncSession) -> Built:
            # What is judged or decided while it is being built is in the next one: never half of it in this one.
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            found = await campaigns.find_campaign(session, campaign)
            await datasets.settle(settings.home, found)
            decisions = await asyncio.to_thread(decisions_for, settings.home, campaign, folder)
            asked = Wish(decisions=decisions, **wish)
            made = await datasets.build(session, tasks.Code(settings), found, asked, folder, progress=tell)
            details = {"dataset": made.manifest.id, "path": str(made.path), "rows": made.manifest.counts["rows"]}
            accounts.record_audit(session, None, "dataset.built", f"campaign:{found.id}", details)
            return made

        try:
            made = in_transaction(work)
        except NothingToExportError as error:
            store.note(error.held)
            raise
        except (KeyboardInterrupt, SystemExit) as stop:
            steps.stop()
            progress_console.print("Stopped. The same command goes on from what was done.")
            raise SystemExit(130 if isinstance(stop, KeyboardInterrupt) else stop.code) from None
    try:
        store.note(made.held)
    except HeldFileError as error:
        raise HeldFileError(
            f"{made.path} is built, but what it holds back can't be noted: {error.message}",
            hint="The dataset can be used. To decide on those values, mend that and run the same command again.",
        ) from error
    note_dataset(settings.home, made.path)
    return made
