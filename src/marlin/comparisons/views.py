"""From rows to what people see. What may not be seen yet, or ever, is left out here and nowhere else."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, tasks
from marlin.accounts import Person, Role
from marlin.comparisons import queries
from marlin.comparisons.blinding import Side
from marlin.comparisons.models import CheckResult, Comparison, Rollout, Turn
from marlin.comparisons.schemas import (
    Action,
    Actions,
    BriefSummary,
    CampaignTerms,
    ChangedFile,
    CheckOut,
    ComparisonOut,
    Diffstat,
    EventOut,
    EventsOut,
    FilesOut,
    LeftOutFile,
    RolloutOut,
    TurnOut,
)
from marlin.comparisons.transcripts import count_whole, read_whole
from marlin.db import events, transaction
from marlin.errors import MarlinError
from marlin.tasks import BaseCheck, BaseCheckOut

LIFECYCLE = frozenset({"turn_status", "rollout_status", "check", "rating", "comparison_status"})
"""Kinds of events that the platform writes; every other kind is an agent's."""

FILES_LISTED = 2_000
"""Changed files that come with a comparison; the rest is read in pages."""

NO_RESULT = frozenset({"platform_error"})
"""Outcomes of which there is nothing to judge. A crash, a refusal or a spent budget is a result like any other."""


async def comparison_out(session: AsyncSession, comparison: Comparison, person: Person) -> ComparisonOut:
    """A comparison for ``person``, whom :func:`~marlin.comparisons.queries.visible_comparison` let in."""
    brief = await tasks.get_brief(session, comparison.brief_id, owner_id=None)
    base_check = await session.get(BaseCheck, brief.base_check_id) if brief.base_check_id else None
    return ComparisonOut(
        id=comparison.id,
        status=cast("Any", comparison.status),
        campaign=await _campaign(session, comparison),
        brief=BriefSummary(
            title=brief.title or brief.resolved_title or brief.source,
            source=brief.source,
            base_commit=brief.base_commit or "",
            category=brief.category,
            prompt=brief.prompt,
            acceptance_criteria=brief.acceptance_criteria,
            test_command=brief.test_command,
            base_check=BaseCheckOut.model_validate(base_check) if base_check else BaseCheckOut(status="none"),
        ),
        turns=[turn_out(comparison, turn, sight=Sight.of(comparison, person)) for turn in comparison.turns],
        actions=Actions(
            follow_up=_action(queries.follow_up_refusal(comparison)),
            cancel=_action(queries.cancel_refusal(comparison)),
            retry=_action(queries.retry_refusal(comparison)),
        ),
        mine=comparison.owner_id == person.id,
        judging=comparison.repeats_id is not None,
        worker_away=comparison.status == "running" and not await queries.any_worker(session),
        created_at=comparison.created_at,
        updated_at=comparison.updated_at,
        submitted_at=comparison.submitted_at,
    )


async def _campaign(session: AsyncSession, comparison: Comparison) -> CampaignTerms:
    terms = comparison.terms
    rubric = await campaigns.rubric_version(session, comparison.rubric_version_id)
    return CampaignTerms(
        id=comparison.campaign_id,
        title=terms["title"],
        min_turns=terms["min_turns"],
        max_turns=terms["max_turns"],
        continuation=terms["continuation"],
        reveal=terms["reveal"],
        guidelines_markdown=terms["guidelines"],
        rubric={"version": rubric.version, **rubric.content},
        time_limit_seconds=terms["time_limit_seconds"],
        usual_turn_seconds=await queries.usual_turn_seconds(session, comparison.campaign_id)
        if comparison.status == "running"
        else None,
    )


def _action(refusal: MarlinError | None) -> Action:
    return Action(allowed=refusal is None, reason=refusal.message if refusal else None)


def turn_out(comparison: Comparison, turn: Turn, *, sight: Sight) -> TurnOut:
    """A turn; its sides say nothing but "working" while results are withheld."""
    visible = queries.revealed(comparison, turn)
    finished = queries.checks_shown(comparison, turn)
    return TurnOut(
        number=turn.number,
        prompt=turn.prompt,
        status=cast("Any", turn.status),
        continued_from=turn.continued_from,
        expectation=turn.expectation,
        created_at=turn.created_at,
        started_at=turn.started_at,
        ready_at=turn.ready_at,
        sides={
            side: _rollout_out(rollout, finished=finished, over=turn.status == "ready", sight=sight)
            if visible
            else _closed(side, turn.status)
            for side, rollout in queries.by_side(turn).items()
        },
    )


def _closed(side: Side, turn_status: str) -> RolloutOut:
    """A side that may not be looked at: the same for both, whatever each of them has done."""
    if turn_status == "cancelled":
        return RolloutOut(
            side=side, status="finished", outcome="cancelled", outcome_message="Stopped when the turn was cancelled."
        )
    return RolloutOut(side=side, status="queued" if turn_status == "queued" else "working")


def _rollout_out(rollout: Rollout, *, finished: bool, over: bool, sight: Sight) -> RolloutOut:
    """A result. Until ``finished``, whether its checks are done is not told: the faster side's are done first.

    Nor which attempt it is, to those who judge: a worker that died had only the slower side still to run.
    """
    return RolloutOut(
        side=cast("Any", rollout.side),
        status=cast("Any", rollout.status if finished else "checking"),
        attempt=rollout.attempt if sight.whole else None,
        outcome=rollout.outcome,
        outcome_message=rollout.outcome_message,
        commit=rollout.commit,
        diffstat=Diffstat(
            files=len(rollout.files),
            additions=sum(file["additions"] for file in rollout.files),
            deletions=sum(file["deletions"] for file in rollout.files),
        )
        if rollout.commit
        else None,
        files=[ChangedFile.model_validate(entry) for entry in rollout.files[:FILES_LISTED]],
        left_out=[LeftOutFile.model_validate(entry) for entry in rollout.left_out],
        checks=[check_out(check) for check in rollout.checks if finished and check.attempt == rollout.attempt],
        final_message=rollout.final_message,
        rateable=over and rateable(rollout),
    )


def files_out(rollout: Rollout, *, after: int, limit: int) -> FilesOut:
    """The files that a side changed, from the one with number ``after`` on, counted from 0."""
    page = [ChangedFile.model_validate(entry) for entry in rollout.files[after : after + limit]]
    end = after + len(page)
    return FilesOut(files=page, total=len(rollout.files), next_after=end if end < len(rollout.files) else None)


def rateable(rollout: Rollout) -> bool:
    """Whether there is something of this side to judge."""
    return rollout.status == "finished" and rollout.commit is not None and rollout.outcome not in NO_RESULT


def check_out(check: CheckResult) -> CheckOut:
    """A check, without its log."""
    fields = {name: getattr(check, name) for name in CheckOut.model_fields if name != "has_log"}
    return CheckOut.model_validate({**fields, "has_log": check.log is not None})


def event_out(event: events.StoredEvent) -> EventOut:
    """An entry of the log. Turn, side and attempt travel inside the stored data."""
    data = dict(event.data)
    return EventOut(
        id=event.id,
        at=event.at,
        kind=event.kind,
        turn=data.pop("turn", 0),
        side=data.pop("side", None),
        attempt=data.pop("attempt", None),
        data=data,
    )


@dataclass(frozen=True, slots=True)
class Sight:
    """How much of a comparison's log one person may see.

    In reveal-together campaigns nobody who judges is ever told which side was faster (decision 0009): not by times, not
    by numbers that were given out as things happened, not by what is there first.

    :ivar whole: every event, with its number and its time. Else only those of whole turns, numbered from 1.
    """

    whole: bool

    @classmethod
    def of(cls, comparison: Comparison, person: Person) -> Sight:
        """What ``person`` may see, whom :func:`~marlin.comparisons.queries.visible_comparison` let in."""
        judges = comparison.owner_id == person.id or Role.REVIEWER in person.roles
        return cls(whole=comparison.terms["reveal"] == "live" or (Role.OPERATOR in person.roles and not judges))

    async def transcript(
        self,
        session: AsyncSession,
        comparison_id: UUID,
        having: dict[str, Any],
        *,
        after: int,
        before: int | None,
        limit: int,
    ) -> EventsOut:
        """A page of what one side did: what follows ``after``, or what is last ahead of ``before``.

        Numbers are places. Unless the whole may be seen, each thing is told once, and when, in what pieces and at which
        attempt is not.
        """
        read, count = (events.read_some, events.count_some) if self.whole else (read_whole, count_whole)
        if before is not None:
            known = await count(session, comparison_id, having=having, without=LIFECYCLE)
            after, limit = ahead_of(before, known, after=after, limit=limit)
        stored = await read(session, comparison_id, having=having, without=LIFECYCLE, skip=after, limit=limit)
        hidden = {} if self.whole else {"at": None, "attempt": None}
        told = [
            event_out(event).model_copy(update={"id": place, **hidden}) for place, event in enumerate(stored, after + 1)
        ]
        return EventsOut(events=told, last_id=after + len(told))

    async def log(
        self, session: AsyncSession, comparison_id: UUID, *, after: int, before: int | None, limit: int
    ) -> EventsOut:
        """A page of what may be seen of the log: what follows ``after``, or the last events ahead of ``before``."""
        if before is not None:
            if self.whole:
                known = await events.last_id(session, comparison_id)
            else:
                known = await events.count_some(session, comparison_id, lacking="side")
            after, limit = ahead_of(before, known, after=after, limit=limit)
        if self.whole:
            stored = await events.read(session, comparison_id, after=after, limit=limit)
            told = [event_out(event) for event in stored]
            return EventsOut(events=told, last_id=told[-1].id if told else after)
        stored = await events.read_some(session, comparison_id, lacking="side", skip=after, limit=limit)
        told = [_numbered(event, place) for place, event in enumerate(stored, after + 1)]
        return EventsOut(events=told, last_id=after + len(told))

    async def follow(self, comparison_id: UUID, *, after: int) -> AsyncGenerator[EventOut]:
        """What may be seen of the log, from ``after`` on, and then as it grows, until the service stops."""
        place, start = 0, after
        if not self.whole:
            async with transaction() as session:
                start = await events.last_id(session, comparison_id)
                stored = await events.read_some(session, comparison_id, lacking="side", limit=start)
            for event in stored:
                if event.id <= start:
                    place += 1
                    if place > after:
                        yield _numbered(event, place)
        async with contextlib.aclosing(events.subscribe(comparison_id, after=start)) as source:
            async for event in source:
                if self.whole:
                    yield event_out(event)
                elif "side" not in event.data:
                    place += 1
                    yield _numbered(event, place)


def ahead_of(before: int, known: int, *, after: int, limit: int) -> tuple[int, int]:
    """Where the page that ends ahead of number ``before`` begins, and its length; ``known`` are numbered from 1."""
    end = min(before - 1, known)
    begin = max(after, end - limit)
    return begin, max(0, end - begin)


def _numbered(event: events.StoredEvent, place: int) -> EventOut:
    return event_out(event).model_copy(update={"id": place})
