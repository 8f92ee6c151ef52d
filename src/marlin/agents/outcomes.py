"""How a prompt ended, from what an agent says about it. Pure, and honest where agents are vague."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .errors import AgentCrashedError, AgentError, AgentFloodError, AgentGarbageError, AgentRequestError
from .specs import FailureText, OutcomeKind

_STOPS: dict[str, tuple[OutcomeKind, str]] = {
    "end_turn": ("completed", "The agent finished."),
    "cancelled": ("cancelled", "The turn was cancelled."),
    "refusal": ("refused", "The agent refused to go on."),
    "max_tokens": ("context_limit", "The agent stopped at a token limit: of its context, or of one answer."),
    "max_turn_requests": ("max_turns", "The agent stopped at its own limit of model calls in a turn."),
}

_CONTEXT = re.compile(
    r"prompt is too long|context[_ ]length|context[_ ]window|maximum context|input is too long|too many tokens"
    r"|context ?overflow|context exceeds|ran out of room in the model"
    r"|exceeds? the (?:model'?s? )?(?:max|context|token)",
    re.IGNORECASE,
)
_BUDGET = re.compile(
    r"budget[_ -](?:exhausted|exceeded|reached|used)|budget of this run|\bbudget\b.*\bused up\b", re.IGNORECASE
)
_REFUSED = re.compile(r"\brefus(?:al|ed)\b|content[_ ]policy|usage policy|safety", re.IGNORECASE)
_UPSTREAM = re.compile(
    r"\b(?:401|402|403|408|429|5\d\d)\b|api error|api key|auth(?:entication|orization)|unauthori[sz]ed|rate.?limit"
    r"|overloaded|econn\w+|connection (?:error|refused|reset)|fetch failed|socket hang up|stream (?:error|disconnected)"
    r"|internal server error|bad gateway|service unavailable|network error|timed? ?out|model_not_found|quota",
    re.IGNORECASE,
)

_ERROR_DETAILS: dict[str, str] = {
    "context_limit": "The conversation no longer fits the model's context.",
    "budget": "The run's budget is used up.",
    "refused": "The model refused to go on.",
    "upstream_error": "The model's service failed or refused the call.",
}


@dataclass(frozen=True, slots=True)
class PromptOutcome:
    """How one prompt ended.

    :ivar stop_reason: the agent's own word, as it came; None when it gave none.
    :ivar detail: one or two sentences for people, without identity.
    :ivar session_id: to resume the agent session from its HOME.
    :ivar seconds: from sending the prompt to its end.
    :ivar diagnostics: for the operator only: error text and the end of stderr; may name the agent.
    """

    kind: OutcomeKind
    stop_reason: str | None
    detail: str
    session_id: str
    seconds: float
    diagnostics: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was made of an agent's answer or failure."""

    kind: OutcomeKind
    stop_reason: str | None
    detail: str
    diagnostics: str = ""


def judge_answer(result: dict[str, Any], last_text: str, failures: Sequence[FailureText]) -> Verdict:
    """What an answer to ``session/prompt`` means.

    :param last_text: the agent's last message: some agents report a failed model call as text and call it a normal end.
    :param failures: from the spec: what such texts look like.
    """
    reason = result.get("stopReason")
    reason = reason if isinstance(reason, str) else None
    if reason in (None, "end_turn"):
        for failure in failures:
            if re.search(failure.pattern, last_text.strip()):
                kind = _kind_of(last_text) if failure.kind == "upstream_error" else failure.kind
                if kind == "protocol_error":
                    kind = failure.kind
                return Verdict(
                    kind, reason, _ERROR_DETAILS.get(kind, "The agent reported a failure."), last_text[:2000]
                )
    if reason is None:
        return Verdict("completed", None, "The agent finished without saying why.")
    if reason in _STOPS:
        kind, detail = _STOPS[reason]
        return Verdict(kind, reason, detail)
    return Verdict("completed", reason, f"The agent finished for a reason that Marlin does not know: {reason[:80]!r}.")


def judge_model_failure(verdict: Verdict, failure: str | None) -> Verdict:
    """The verdict, in the light of how the run's last model call failed.

    Some agents call a turn finished when the model's service failed; the gateway knows better.
    """
    if failure is None or verdict.kind not in ("completed", "protocol_error", "timed_out"):
        return verdict
    if verdict.kind == "timed_out":
        return replace(verdict, detail=f"{verdict.detail} Its last model call had failed.", diagnostics=failure[:4000])
    kind = _kind_of(failure)
    kind = "upstream_error" if kind == "protocol_error" else kind
    return Verdict(kind, verdict.stop_reason, _ERROR_DETAILS[kind], f"{failure[:4000]}\n{verdict.diagnostics}".strip())


def judge_error(error: AgentError) -> Verdict:
    """What it means that a prompt raised ``error``."""
    if isinstance(error, AgentRequestError):
        text = f"{error.text} {json.dumps(error.data, ensure_ascii=False) if error.data is not None else ''}".strip()
        kind = _kind_of(text)
        detail = _ERROR_DETAILS.get(kind, "The agent reported an error that Marlin can't place.")
        return Verdict(kind, None, detail, f"{error.error_code}: {text}"[:4000])
    if isinstance(error, AgentGarbageError | AgentFloodError):
        return Verdict("protocol_error", None, error.message, error.hint or "")
    if isinstance(error, AgentCrashedError):
        return Verdict("crashed", None, error.message, error.stderr[-8000:])
    return Verdict("protocol_error", None, error.message)


def _kind_of(text: str) -> OutcomeKind:
    if _BUDGET.search(text):
        return "budget"
    if _CONTEXT.search(text):
        return "context_limit"
    if _UPSTREAM.search(text):
        return "upstream_error"
    if _REFUSED.search(text):
        return "refused"
    return "protocol_error"
