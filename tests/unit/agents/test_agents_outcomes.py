from __future__ import annotations

import pytest

from marlin.agents import AgentCrashedError, AgentError, AgentFloodError, AgentRequestError, load_spec
from marlin.agents.outcomes import judge_answer, judge_error, judge_model_failure
from marlin.agents.permissions import answer_permission


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("end_turn", "completed"),
        ("refusal", "refused"),
        ("max_tokens", "context_limit"),
        ("max_turn_requests", "max_turns"),
        ("cancelled", "cancelled"),
        ("out_of_coffee", "completed"),
        (None, "completed"),
    ],
)
def test_stop_reasons(reason: str | None, kind: str) -> None:
    verdict = judge_answer({"stopReason": reason}, "", ())
    assert verdict.kind == kind
    assert verdict.stop_reason == reason
    if reason == "out_of_coffee":
        assert "out_of_coffee" in verdict.detail


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("All is done.", "completed"),
        ("The API Error class is fixed.", "completed"),
        ("API Error: 529 overloaded", "upstream_error"),
        ("API Error: 400 prompt is too long: 210000 tokens > 200000 maximum", "context_limit"),
        ("API Error: 402 budget_exhausted: the budget of this run is used up", "budget"),
        ("Prompt is too long", "context_limit"),
        ("Credit balance is too low", "upstream_error"),
    ],
)
def test_failures_told_as_text(text: str, kind: str) -> None:
    assert judge_answer({"stopReason": "end_turn"}, text, load_spec("claude-code").failures).kind == kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            AgentRequestError("session/prompt", -32603, "Internal error", {"details": "HTTP 401 bad key"}),
            "upstream_error",
        ),
        (AgentRequestError("session/prompt", -32603, "x", {"code": "context_length_exceeded"}), "context_limit"),
        (AgentRequestError("session/prompt", -32603, "budget_exhausted"), "budget"),
        (AgentRequestError("session/prompt", -32603, "connect ECONNREFUSED 127.0.0.1:1"), "upstream_error"),
        (AgentRequestError("session/prompt", -32603, "TypeError: x is undefined"), "protocol_error"),
        (AgentCrashedError("The agent's process ended with code 3.", stderr="boom"), "crashed"),
        (AgentFloodError("too much"), "protocol_error"),
        (AgentError("odd"), "protocol_error"),
    ],
)
def test_errors(error: AgentError, kind: str) -> None:
    verdict = judge_error(error)
    assert verdict.kind == kind
    assert "boom" not in verdict.detail


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Codex ran out of room in the model's context window. Start a new thread", "context_limit"),
        ("unexpected status 402 Payment Required: The budget of this session is used up; no more", "budget"),
        ("unexpected status 503 Service Unavailable: The engine is overloaded", "upstream_error"),
        ("We’re currently experiencing high demand, which may cause temporary errors.", "upstream_error"),
        ("stream disconnected before completion: Transport error", "upstream_error"),
        ("The model is now loaded lazily.", "completed"),
    ],
)
def test_failures_that_codex_tells_as_text(text: str, kind: str) -> None:
    assert judge_answer({"stopReason": "end_turn"}, text, load_spec("codex").failures).kind == kind


def test_the_gateway_knows_better_than_an_agent_that_says_finished() -> None:
    finished = judge_answer({"stopReason": "end_turn"}, "Done.", ())
    assert judge_model_failure(finished, None) == finished
    assert judge_model_failure(finished, "HTTP 402: The budget of this session is used up").kind == "budget"
    assert judge_model_failure(finished, "HTTP 418: teapot").kind == "upstream_error"
    refused = judge_answer({"stopReason": "refusal"}, "", ())
    assert judge_model_failure(refused, "HTTP 500") == refused


def options(*kinds: str) -> dict[str, object]:
    return {"options": [{"optionId": f"id-{kind}", "kind": kind, "name": kind} for kind in kinds]}


@pytest.mark.parametrize(
    ("params", "chosen", "decided"),
    [
        (options("reject_once", "allow_always", "allow_once"), "id-allow_once", "allowed once"),
        (options("reject_once", "allow_always"), "id-allow_always", "allowed always"),
        (options("reject_always", "reject_once"), "id-reject_once", "rejected once"),
        (options("odd"), None, "refused"),
        ({}, None, "refused"),
        ({"options": [3, {"kind": "allow_once"}]}, None, "refused"),
    ],
)
def test_permission_by_policy(params: dict[str, object], chosen: str | None, decided: str) -> None:
    result, words = answer_permission(params, cancelling=False)
    assert result["outcome"].get("optionId") == chosen
    assert words.startswith(decided)


def test_permission_while_cancelling() -> None:
    result, _ = answer_permission(options("allow_once"), cancelling=True)
    assert result == {"outcome": {"outcome": "cancelled"}}
