"""Writing briefs: create, edit, prepare, use. Preparing itself is a job (``tasks.jobs``)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, examples
from marlin.db import jobs, new_id, now
from marlin.tasks import queries
from marlin.tasks.checks import AcceptanceCheck
from marlin.tasks.errors import (
    BaseImageError,
    BriefChangedError,
    BriefIncompleteError,
    BriefInUseError,
    BriefNotReadyError,
)
from marlin.tasks.lints import lint
from marlin.tasks.models import BaseCheck, Brief
from marlin.tasks.schemas import BriefCreate, BriefEdit, BriefFields
from marlin.workspaces import Source, SourceKind, parse_source

PREPARE = "tasks.prepare_brief"
"""Name of the job."""

EXAMPLE = "example:"
"""Prefix of sources that come with Marlin itself."""

_PREPARED_FROM = ("source", "commit", "set_up_command", "test_command", "base_image")
"""Fields whose change makes an earlier preparation void."""

_BUSY = ("queued", "fetching", "setting_up", "testing")


async def create_brief(session: AsyncSession, owner_id: UUID, wish: BriefCreate) -> Brief:
    """A new brief, filled from an example when one is named.

    :raises NotFoundError: the campaign or the example does not exist.
    :raises ConflictError: the campaign does not take briefs now.
    :raises BaseImageError: the campaign does not offer the base image.
    """
    campaign = await campaigns.get_open_campaign(session, wish.campaign_id)
    image = campaign.base_images[0]
    brief = Brief(id=new_id(), campaign_id=campaign.id, owner_id=owner_id, base_image=image, warnings=[])
    if wish.example:
        campaigns.require_example(campaign, wish.example)
        example = examples.load_brief(wish.example)
        brief.example = example.name
        for name in ("source", "commit", "category", "title", "prompt", "acceptance_criteria"):
            setattr(brief, name, getattr(example, name) or "")
        brief.set_up_command, brief.test_command = example.set_up_command or "", example.test_command or ""
        brief.effort_minutes = example.effort_minutes
    if _apply(brief, wish) & {"source", "commit"}:
        brief.example = None  # its hidden checks were written for that repository
    _require_offered(campaign, brief.base_image)
    session.add(brief)
    await session.flush()
    return brief


def _require_offered(campaign: campaigns.Campaign, image: str) -> None:
    """:raises BaseImageError: the campaign does not offer this base image."""
    if image not in campaign.base_images:
        offered = ", ".join(campaign.base_images)
        raise BaseImageError(
            f"The campaign does not offer the base image {image!r}.",
            hint=f"Choose one of: {offered}.",
            errors=[{"field": "base_image", "message": f"choose one of: {offered}"}],
        )


def _apply(brief: Brief, fields: BriefFields) -> set[str]:
    """Set the fields that were given; the names of those that changed."""
    changed = set()
    for name in BriefFields.model_fields:
        value = getattr(fields, name)
        if name in fields.model_fields_set and (value is not None or name == "effort_minutes"):
            cleaned = value.strip() if name in {"source", "commit", "title"} else value
            if getattr(brief, name) != cleaned:
                setattr(brief, name, cleaned)
                changed.add(name)
    return changed


async def edit_brief(session: AsyncSession, owner_id: UUID, brief_id: UUID, edit: BriefEdit) -> Brief:
    """Change a brief that nothing uses yet.

    :raises BriefChangedError: ``edit.revision`` is not the newest.
    :raises BriefInUseError: it is being prepared, or a comparison uses it.
    :raises BaseImageError: the campaign does not offer the base image.
    """
    brief = await queries.get_brief(session, brief_id, owner_id=owner_id, lock=True)
    if brief.status == "used":
        raise BriefInUseError("A comparison uses this brief.", hint="Start a new task to ask for something else.")
    if edit.revision != brief.revision:
        raise BriefChangedError(
            "The brief was edited elsewhere since you opened it.",
            hint="Reload it; what you typed stays in the page until you do.",
            revision=brief.revision,
        )
    before = {name: getattr(brief, name) for name in _PREPARED_FROM}
    changed = _apply(brief, edit)
    if not changed:
        return brief
    if "base_image" in changed:
        _require_offered(await campaigns.get_campaign(session, brief.campaign_id), brief.base_image)
    if changed & set(_PREPARED_FROM):
        if brief.preparation_status in _BUSY:
            for name, value in before.items():
                setattr(brief, name, value)
            raise BriefInUseError(
                "The brief is being prepared; repository, base image and commands can't change now.",
                hint="Wait until the preparation ends. The other fields can be edited meanwhile.",
            )
        if changed & {"source", "commit"} and brief.example:
            brief.example = None  # its hidden checks were written for that repository
        _forget_preparation(brief)
    brief.revision += 1
    brief.updated_at = now()
    return brief


def _forget_preparation(brief: Brief) -> None:
    brief.status = "draft"
    brief.preparation_status = "none"
    brief.preparation_id = brief.environment_id = brief.base_check_id = None
    brief.preparation_message = brief.preparation_hint = brief.resolved_title = ""
    brief.base_commit = brief.repository = None
    brief.preparation_started_at = brief.preparation_finished_at = None
    brief.warnings = []


async def delete_brief(session: AsyncSession, owner_id: UUID, brief_id: UUID) -> None:
    """Throw a draft away.

    :raises BriefInUseError: it is being prepared, or a comparison uses it.
    """
    brief = await queries.get_brief(session, brief_id, owner_id=owner_id, lock=True)
    if brief.status == "used" or brief.preparation_status in _BUSY:
        raise BriefInUseError("The brief is in use.", hint="Only drafts can be deleted.")
    await session.delete(brief)


async def prepare_brief(session: AsyncSession, owner_id: UUID, brief_id: UUID) -> Brief:
    """Queue fetching, set-up and the base's tests. Asking again while that goes on changes nothing.

    :raises BriefIncompleteError: no source or prompt.
    :raises InvalidInputError: a source that contributors may not use.
    :raises BaseImageError: the campaign no longer offers the base image.
    """
    brief = await queries.get_brief(session, brief_id, owner_id=owner_id, lock=True)
    if brief.status == "used":
        raise BriefInUseError("A comparison uses this brief.", hint="Open the comparison.")
    if brief.preparation_status in (*_BUSY, "ready"):
        return brief
    _require_offered(await campaigns.get_open_campaign(session, brief.campaign_id), brief.base_image)
    errors = [
        remark
        for remark in lint(
            prompt=brief.prompt,
            acceptance_criteria=brief.acceptance_criteria,
            category=brief.category,
            source=brief.source,
            test_command=brief.test_command,
        )
        if remark.severity == "error"
    ]
    if errors:
        raise BriefIncompleteError(
            " ".join(remark.message for remark in errors),
            hint=errors[0].hint,
            errors=[{"field": remark.field, "message": remark.message} for remark in errors],
        )
    if not names_own_sample(brief):
        named_source(brief.source, brief.commit)
    brief.preparation_id = new_id()
    brief.preparation_status = "queued"
    brief.preparation_message, brief.preparation_hint = "Waiting for a worker", ""
    brief.preparation_started_at, brief.preparation_finished_at = now(), None
    brief.status = "preparing"
    await jobs.enqueue(
        session,
        PREPARE,
        brief.preparation_id,
        queue="environments",
        payload={"brief_id": str(brief.id)},
    )
    return brief


def names_own_sample(brief: Brief) -> bool:
    """Whether the brief's source is the repository that comes with its example: exactly what the example says.

    What follows ``example:`` becomes a folder on this machine, so a person's own text must never get there.
    """
    if brief.example is None or not brief.source.startswith(EXAMPLE):
        return False
    return brief.source == examples.load_brief(brief.example).source


def named_source(source: str, commit: str) -> Source:
    """What a brief's source and commit name.

    :raises InvalidInputError: a source that contributors may not use, or a commit that can't be chosen there.
    """
    if source.startswith(EXAMPLE):
        raise BriefIncompleteError(
            "This repository comes with an example brief, and can be had with that brief and its commit only.",
            hint="Start from the example again and leave source and commit as they are, or give an https address.",
        )
    named = parse_source(source, operator=False)
    if not commit:
        return named
    if named.kind is not SourceKind.GIT:
        raise BriefIncompleteError(
            "A commit can be chosen for a git repository only; this source names its own.",
            hint="Empty the commit field, or give the repository's https URL instead.",
        )
    return parse_source(f"{source.partition('#')[0]}#{commit}", operator=False)


async def take_brief(session: AsyncSession, owner_id: UUID, brief_id: UUID) -> Brief:
    """Use a prepared brief for a comparison; it can't be edited afterwards.

    :raises BriefNotReadyError: it was not prepared, or that failed.
    """
    brief = await queries.get_brief(session, brief_id, owner_id=owner_id, lock=True)
    if brief.status == "used":
        raise BriefInUseError("A comparison was already started from this brief.", hint="Open it from your list.")
    if brief.preparation_status != "ready" or brief.environment_id is None:
        raise BriefNotReadyError(
            "The brief is not prepared yet.",
            hint="Prepare it first: Marlin fetches the repository, runs set-up and tests the base.",
        )
    brief.status = "used"
    brief.updated_at = now()
    return brief


async def report_progress(
    session: AsyncSession,
    brief_id: UUID,
    preparation_id: UUID,
    *,
    status: str,
    message: str,
    hint: str = "",
    **found: object,
) -> bool:
    """Record how far a preparation has come; False when the brief moved on and this preparation no longer counts."""
    values: dict[str, object] = {
        "preparation_status": status,
        "preparation_message": message,
        "preparation_hint": hint,
        **found,
    }
    if status in {"ready", "failed"}:
        values |= {"status": status, "preparation_finished_at": now()}
    changed = await session.execute(
        update(Brief)
        .where(Brief.id == brief_id, Brief.preparation_id == preparation_id)
        .values(**values)
        .returning(Brief.id)
    )
    return changed.scalar() is not None


async def record_base_check(session: AsyncSession, check: BaseCheck) -> BaseCheck:
    """Keep a result on the base; the first one recorded stands, also when two briefs are prepared on it at once."""
    columns = cast("Table", BaseCheck.__table__).columns
    values = {column.key: value for column in columns if (value := getattr(check, column.key)) is not None}
    statement = insert(BaseCheck).values(**values)
    await session.execute(
        statement.on_conflict_do_nothing(index_elements=["environment_id", "kind", "name", "command"])
    )
    kept = await queries.base_check(
        session, check.environment_id, kind=check.kind, name=check.name, command=check.command
    )
    assert kept is not None
    return kept


def acceptance_checks(example: str | None) -> list[AcceptanceCheck]:
    """The hidden checks of the example brief that a task was taken from."""
    if example is None:
        return []
    return [
        AcceptanceCheck(check.name, check.command, float(check.time_limit_seconds))
        for check in examples.load_brief(example).acceptance_checks
    ]
