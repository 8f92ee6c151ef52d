"""The job that prepares a brief: fetch, set up, test the base. Its log is a stream that the page follows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marlin import logging
from marlin.db import DatabaseUnavailableError, LostExecutorError, jobs, transaction
from marlin.errors import MarlinError
from marlin.sandboxes import SandboxGoneError
from marlin.tasks import building, queries, service
from marlin.tasks.building import Preparation
from marlin.tasks.workbench import current_workbench

log = logging.get(__name__)

ATTEMPTS = 4
"""How often a preparation is begun on one worker whose sandboxes die under it."""


@jobs.workflow(service.PREPARE)
async def prepare_brief(job_id: str, payload: dict[str, Any]) -> str:
    """Prepare a brief; every failure ends in its row, with what to do."""
    preparation_id = UUID(job_id)
    brief_id = UUID(payload["brief_id"])
    return await _prepare(brief_id, preparation_id)


@jobs.step
async def _prepare(brief_id: UUID, preparation_id: UUID) -> str:
    async with transaction() as session:
        brief = await queries.get_brief(session, brief_id, owner_id=None)
    if brief.preparation_id != preparation_id or brief.preparation_status in ("ready", "failed"):
        return "superseded"
    preparation = await Preparation.begin(current_workbench(), brief)
    async with preparation.writer:
        try:
            await _phases(preparation)
        except (DatabaseUnavailableError, LostExecutorError):
            raise  # the step is repeated, or is another worker's by now
        except MarlinError as error:
            log.info("preparation failed", brief=str(brief_id), error=error.message)
            preparation.say(f"\n{error.message}\n{error.hint or ''}\n")
            await preparation.progress("failed", error.message, error.hint or "")
            return "failed"
        except Exception as error:  # a defect of ours must not leave a brief preparing for ever
            log.exception("preparation met a defect", brief=str(brief_id))
            await preparation.progress(
                "failed",
                f"Marlin met a defect of its own ({type(error).__name__}).",
                "Prepare again; if it stays so, tell the operator: the log has the details.",
            )
            return "failed"
        await preparation.progress("ready", "Ready")
        return "ready"


async def _phases(preparation: Preparation) -> None:
    """From the image to the base's tests; again when the sandbox dies under it, which is no fault of the brief."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await building.find_image(preparation)
            await building.fetch(preparation)
            await building.build_environment(preparation)
            return await building.check_base(preparation)
        except SandboxGoneError as error:
            if attempt == ATTEMPTS:
                raise
            log.warning("the sandbox died under a preparation", brief=str(preparation.brief.id), reason=error.message)
            preparation.say("\nThe sandbox was lost; starting again.\n")
    return None
