"""One rollout: prepare a sandbox, prompt the agent, keep what it left, check it. A step of the turn's job, per side.

Each phase is one function below, in the order they happen. No transaction spans any of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marlin import campaigns, logging, tasks
from marlin.agents import AgentError, AgentEvent, AgentSession, PromptOutcome
from marlin.comparisons import capturing, checking, lifecycle, preparing
from marlin.comparisons.allowance import NOTICE, Allowance
from marlin.comparisons.blinding import Side
from marlin.comparisons.continuation import Result
from marlin.comparisons.errors import RolloutDefectError
from marlin.comparisons.lifecycle import Assignment
from marlin.comparisons.rendezvous import Rendezvous
from marlin.db import DatabaseUnavailableError, LostExecutorError, current_database, events, jobs, now, transaction
from marlin.errors import MarlinError
from marlin.sandboxes import SandboxGoneError
from marlin.tasks import Workbench

log = logging.get(__name__)

FINAL_MESSAGE_LIMIT = 8_000
"""Characters of an agent's last message that are shown beside its result."""

LOST = "lost"
"""What :func:`run_rollout` says when its sandbox died and the next attempt is due."""


@dataclass(slots=True)
class Progress:
    """Where an attempt stands: what its end has to record, whatever ends it."""

    work: Assignment
    writer: events.EventWriter
    timings: dict[str, float] = field(default_factory=dict)
    allowance: Allowance = field(default_factory=Allowance)
    last_message: str = ""
    last_message_id: str = ""
    shown: bool = False
    """Whether its result is recorded: people may have seen it, so nothing may take it back."""
    _mark: float = field(default_factory=time.monotonic)

    def lap(self, phase: str) -> None:
        """Note the seconds since the last lap under ``phase``."""
        at = time.monotonic()
        self.timings[phase] = round(at - self._mark, 4)
        self._mark = at

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Append an event of this side to the comparison's log."""
        place = {"turn": self.work.turn_number, "side": self.work.side, "attempt": self.work.attempt}
        self.writer.add(self.work.comparison_id, kind, {**data, **place})

    async def status(self, status: str) -> None:
        """Say how far the rollout is, in its row and in the log."""
        await lifecycle.set_status(self.work, status)
        self.tell("rollout_status", {"status": status})

    async def on_event(self, event: AgentEvent) -> None:
        """Pass an agent's event on, and remember its last message."""
        if event.kind == "message":
            same = event.message_id == self.last_message_id
            self.last_message = ((self.last_message if same else "") + event.text)[-FINAL_MESSAGE_LIMIT:]
            self.last_message_id = event.message_id
        if self.allowance.spent:
            return
        if self.allowance.admits(len(event.model_dump_json())):
            self.tell(event.kind, event.model_dump(mode="json", exclude={"kind"}))
        else:
            self.tell("notice", {"text": NOTICE})


@jobs.step
async def run_rollout(turn_id: str, side: Side, job_id: str, rendezvous: Rendezvous, last: bool = True) -> str:
    """Run the next attempt of one side to its end; the outcome. A finished rollout is not run again.

    :param last: whether a sandbox that dies under it is the platform's failure, rather than :data:`LOST`.
    """
    work = await lifecycle.begin_attempt(UUID(turn_id), side, job_id)
    if work is None:
        rendezvous.drop_out()
        return "finished before"
    structured = log.bind(turn=str(work.turn_id), side=side, attempt=work.attempt)
    structured.info("rollout begins")
    async with events.EventWriter(current_database(), fence=jobs.fence) as writer:
        progress = Progress(work, writer)
        arrived = _Arrival(rendezvous)
        try:
            return await _attempt(progress, arrived, job_id)
        except (DatabaseUnavailableError, LostExecutorError):
            raise  # the step is repeated, or is another worker's by now
        except SandboxGoneError as error:
            structured.warning("the sandbox died under the rollout", reason=error.message)
            return LOST if not last else await _platform_failure(progress, error)
        except Exception as error:  # a defect of ours must not leave a turn running for ever
            structured.exception("rollout met a defect")
            return await _platform_failure(progress, RolloutDefectError(f"{type(error).__name__}: {error}"))
        finally:
            arrived.drop_out()


class _Arrival:
    """One side's place at the rendezvous: it arrives or drops out, never both."""

    def __init__(self, rendezvous: Rendezvous) -> None:
        self._rendezvous = rendezvous
        self._done = False

    async def arrive(self) -> None:
        self._done = True
        await self._rendezvous.arrive()

    def drop_out(self) -> None:
        if not self._done:
            self._done = True
            self._rendezvous.drop_out()

    def prompted(self) -> float | None:
        return self._rendezvous.prompted()


async def _attempt(progress: Progress, arrival: _Arrival, job_id: str) -> str:
    work, bench = progress.work, tasks.current_workbench()
    if work.left is not None:
        arrival.drop_out()
        return await _check(progress, bench, work.left.result, work.left.files, work.left.outcome)
    await progress.status("preparing")
    try:
        prepared = await preparing.prepare(bench, work)
    except (DatabaseUnavailableError, LostExecutorError, SandboxGoneError):
        raise
    except MarlinError as error:
        progress.lap("prepare")
        return await _platform_failure(progress, error)
    try:
        session, outcome = await _start_agent(prepared, work)
        progress.lap("prepare")
        if session is not None:
            await arrival.arrive()
            outcome = await _prompt(progress, session, prepared, arrival, job_id)
        else:
            arrival.drop_out()
        assert outcome is not None
        progress.lap("work")
        stopped_at = now()
        if outcome.kind == "cancelled" and not await lifecycle.is_wanted(work.turn_id, job_id):
            return await _abandon(progress, prepared)
        return await _keep(progress, bench, prepared, outcome, {"stopped_at": stopped_at})
    except (DatabaseUnavailableError, LostExecutorError, SandboxGoneError):
        raise
    except MarlinError as error:
        return await _platform_failure(progress, error, await _spent(prepared))
    finally:
        await prepared.close()


async def _start_agent(
    prepared: preparing.Prepared, work: Assignment
) -> tuple[AgentSession, None] | tuple[None, PromptOutcome]:
    """The agent's session, or how its start failed: that is a result to judge like any other."""
    try:
        return await prepared.start_session(work.start.session), None
    except AgentError as error:
        log.warning("agent did not start", turn=str(work.turn_id), side=work.side, error=str(error))
        return None, PromptOutcome(
            kind="crashed",
            stop_reason=None,
            detail=f"The agent did not start: {prepared.redactor.clean(error.message)}",
            session_id=work.start.session or "",
            seconds=0.0,
            diagnostics=error.hint or "",
        )


async def _prompt(
    progress: Progress, session: AgentSession, prepared: preparing.Prepared, arrival: _Arrival, job_id: str
) -> PromptOutcome:
    """Prompt both sides at once, follow this one until it stops, and stop it when the turn is cancelled."""
    work = progress.work
    await progress.status("working")
    text = await preparing.prompt_text(prepared.bench, work)
    watcher = asyncio.create_task(_cancel_when_unwanted(session, work.turn_id, job_id))
    try:
        skew = arrival.prompted()
        await lifecycle.record_prompted(work.turn_id, work.attempt_id, now(), skew)
        return await session.prompt(text, progress.on_event, time_limit=float(work.terms["time_limit_seconds"]))
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        with contextlib.suppress(AgentError):
            await session.close()


async def _cancel_when_unwanted(session: AgentSession, turn_id: UUID, job_id: str) -> None:
    """Look at the turn's row once a second (decision 0003) and cancel the agent when it was cancelled."""
    while True:
        await asyncio.sleep(1.0)
        try:
            wanted = await lifecycle.is_wanted(turn_id, job_id)
        except MarlinError:
            continue  # the database is away: ask again
        if not wanted:
            await session.cancel()
            return


async def _keep(
    progress: Progress,
    bench: Workbench,
    prepared: preparing.Prepared,
    outcome: PromptOutcome,
    attempt: dict[str, Any],
) -> str:
    """Capture what the arm left, show it, then check it."""
    work = progress.work
    await progress.status("capturing")
    captured = await capturing.capture(bench, work, prepared, outcome)
    progress.lap("capture")
    await progress.writer.flush()
    await lifecycle.record_result(
        work,
        result=captured.result,
        files=captured.files,
        left_out=captured.left_out,
        outcome=outcome.kind,
        outcome_message=outcome.detail,
        final_message=progress.last_message,
        attempt={
            **attempt,
            "usage": prepared.usage(),
            "timings": progress.timings,
            "provenance": prepared.provenance(),
            "raw": await prepared.keep_raw(),
            "redactions": {
                "hidden": dict(prepared.redactor.hits),
                "in_files": captured.identity_in_files,
                "in_output": prepared.session.identity_in_output if prepared.session else {},
            },
        },
    )
    return await _check(progress, bench, captured.result, captured.files, outcome.kind)


async def _check(
    progress: Progress, bench: Workbench, result: Result, files: list[dict[str, Any]], outcome: str
) -> str:
    """Check a captured result, and finish. After a worker's death another one enters here, not before."""
    progress.shown = True
    progress.tell("rollout_status", {"status": "checking", "outcome": outcome})
    try:
        checks = await checking.check_result(
            bench, progress.work, result, files, on_check=lambda check: progress.tell("check", check)
        )
    except (DatabaseUnavailableError, LostExecutorError, SandboxGoneError):
        raise
    except Exception as error:  # the result was shown: whatever happens to its checks, it stays
        log.exception("checks could not be run", turn=str(progress.work.turn_id), side=progress.work.side)
        checks = [checking.not_run(progress.work, error)]
    progress.lap("check")
    await progress.writer.flush()
    await lifecycle.finish_rollout(progress.work, checks)
    progress.tell("rollout_status", {"status": "finished", "outcome": outcome})
    return outcome


async def _abandon(progress: Progress, prepared: preparing.Prepared) -> str:
    progress.tell("rollout_status", {"status": "finished", "outcome": "cancelled"})
    await lifecycle.abandon_attempt(progress.work, {**await _spent(prepared), "timings": progress.timings})
    return "cancelled"


async def _spent(prepared: preparing.Prepared) -> dict[str, Any]:
    """What is on record of an attempt without a result: its cost counts all the same."""
    values = {"usage": prepared.usage(), "provenance": prepared.provenance()}
    try:
        return {**values, "raw": await prepared.keep_raw()}
    except MarlinError as error:  # the storage may be what failed
        log.warning("raw traffic was not kept", turn=str(prepared.work.turn_id), error=error.message)
        return values


async def _platform_failure(progress: Progress, error: MarlinError, spent: dict[str, Any] | None = None) -> str:
    """Marlin itself could not run this side: no result, said so to the contributor, details to the operator's log."""
    work = progress.work
    log.error(
        "rollout failed", turn=str(work.turn_id), side=work.side, error=error.message, hint=error.hint, code=error.code
    )
    if progress.shown:
        await lifecycle.finish_rollout(work, [checking.not_run(work, error)])
        return "checks not run"
    await lifecycle.record_result(
        work,
        result=None,
        files=[],
        left_out=[],
        outcome="platform_error",
        outcome_message=f"Marlin could not run this side ({error.code}). The operator's log says why.",
        final_message="",
        attempt={
            **(spent or {}),
            "timings": progress.timings,
            "redactions": {"error": error.message, "hint": error.hint},
        },
    )
    await lifecycle.finish_rollout(work, [])
    progress.tell("rollout_status", {"status": "finished", "outcome": "platform_error"})
    return "platform_error"


async def arm_of(work: Assignment) -> campaigns.Arm:
    """The arm behind the side; only the worker ever asks."""
    async with transaction() as session:
        return await campaigns.get_arm(session, work.arm_id)
