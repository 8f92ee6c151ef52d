"""One comparison from brief to acceptance, played through the public HTTP API as the web pages would."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marlin.visiting import StoryError, Visitor

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the visitor answers for a turn."""

    overall: int
    why: str


def play(
    contributor: Visitor,
    reviewer: Visitor,
    *,
    campaign: str,
    example: str,
    follow_ups: list[str],
    judge: Callable[[dict[str, Any]], Verdict],
    report: Report,
    time_limit: float = 900,
) -> dict[str, Any]:
    """Play the story and return its summary.

    :param campaign: slug of the campaign.
    :param example: name of an example brief.
    :param judge: looks at a ready turn and answers.
    :param time_limit: seconds for each wait.
    """
    found = next((entry for entry in contributor.get("/campaigns", search=campaign) if entry["slug"] == campaign), None)
    if found is None:
        raise StoryError(f"There is no open campaign {campaign!r}.", hint="Create it with `marlin campaign create`.")
    brief = contributor.post("/briefs", {"campaign_id": found["id"], "example": example})
    report(f"brief: {brief['title']}")
    brief = _prepare(contributor, brief, report, time_limit)
    comparison = contributor.post("/comparisons", {"brief_id": brief["id"]})
    report(f"comparison {comparison['id']}")
    turns = []
    for number, prompt in enumerate([None, *follow_ups], start=1):
        if prompt is not None:
            contributor.post(f"/comparisons/{comparison['id']}/turns", {"prompt": prompt})
        contributor.put(
            f"/comparisons/{comparison['id']}/turns/{number}/expectation",
            {"text": "Find the cause first, change as little as possible, and prove it with a test."},
        )
        turn = _await_turn(contributor, comparison["id"], number, report, time_limit)
        verdict = judge(turn)
        rating = _rate(contributor, comparison["id"], turn, verdict, found["id"])
        report(f"turn {number}: preferred {rating['preferred']} (strength {rating['strength']})")
        turns.append(_turn_summary(contributor, comparison["id"], turn, rating))
    submitted = _submit(contributor, comparison["id"])
    report(f"submitted: {submitted['status']}")
    reviewer.post(f"/comparisons/{comparison['id']}/reviews", {"decision": "accept", "comments": "Clear and cited."})
    final = contributor.get(f"/comparisons/{comparison['id']}")
    report(f"review: {final['status']}")
    return {
        "comparison_id": comparison["id"],
        "status": final["status"],
        "brief": {"title": brief["title"], "base_commit": brief["preparation"]["base_commit"]},
        "base_check": brief["preparation"]["base_check"],
        "turns": turns,
    }


def _prepare(contributor: Visitor, brief: dict[str, Any], report: Report, time_limit: float) -> dict[str, Any]:
    contributor.post(f"/briefs/{brief['id']}/prepare")
    deadline, said = time.monotonic() + time_limit, ""
    while time.monotonic() < deadline:
        brief = contributor.get(f"/briefs/{brief['id']}")
        preparation = brief["preparation"]
        if preparation["message"] != said:
            said = preparation["message"]
            report(f"environment: {said}")
        if preparation["status"] == "ready":
            return brief
        if preparation["status"] == "failed":
            log = contributor.text(f"/briefs/{brief['id']}/preparation/log")
            raise StoryError(f"Preparing failed: {said}\n{log[-3000:]}", hint=preparation["hint"])
        time.sleep(0.25)
    raise StoryError(f"Preparing took longer than {time_limit:g} s.", hint="Look at Marlin's log.")


def _await_turn(
    contributor: Visitor, comparison_id: str, number: int, report: Report, time_limit: float
) -> dict[str, Any]:
    deadline, said = time.monotonic() + time_limit, ""
    while time.monotonic() < deadline:
        turn: dict[str, Any] = contributor.get(f"/comparisons/{comparison_id}")["turns"][number - 1]
        if turn["status"] != said:
            said = turn["status"]
            report(f"turn {number}: {said}")
        if said == "ready":
            return turn
        if said in ("failed", "cancelled"):
            outcomes = {side: rollout["outcome_message"] for side, rollout in turn["sides"].items()}
            raise StoryError(f"Turn {number} {said}: {outcomes}", hint="Retry it, or look at Marlin's log.")
        time.sleep(0.25)
    raise StoryError(f"Turn {number} took longer than {time_limit:g} s.", hint="Look at Marlin's log.")


def _rate(
    contributor: Visitor, comparison_id: str, turn: dict[str, Any], verdict: Verdict, campaign_id: str
) -> dict[str, Any]:
    axes = [axis["name"] for axis in contributor.get(f"/campaigns/{campaign_id}")["rubric"]["axes"]]
    better, worse = ("a", "b") if verdict.overall < 0 else ("b", "a")
    answers = {
        "axes": dict.fromkeys(axes, verdict.overall),
        "overall": verdict.overall,
        "verdict": "preference",
        "key_axis": axes[0],
        f"strengths_{better}": f"It does what the prompt asks: {verdict.why}",
        f"weaknesses_{better}": "The change could be explained in more words.",
        f"strengths_{worse}": "It finds the right place and keeps the change small.",
        f"weaknesses_{worse}": f"It falls short where the other does not: {verdict.why}",
        "justification": f"Side {better.upper()} is preferred because {verdict.why}",
    }
    path = f"/comparisons/{comparison_id}/turns/{turn['number']}/rating"
    contributor.put(f"{path}/draft", {"revision": 0, "answers": answers})
    rating: dict[str, Any] = contributor.post(path, answers)
    return rating


def _submit(contributor: Visitor, comparison_id: str) -> dict[str, Any]:
    problems = contributor.get(f"/comparisons/{comparison_id}/submission/problems")["problems"]
    errors = [problem["message"] for problem in problems if problem["severity"] == "error"]
    if errors:
        raise StoryError(f"The checker refuses the submission: {' '.join(errors)}")
    acknowledged = sorted({problem["code"] for problem in problems})
    submitted: dict[str, Any] = contributor.post(f"/comparisons/{comparison_id}/submit", {"acknowledged": acknowledged})
    return submitted


def _turn_summary(
    contributor: Visitor, comparison_id: str, turn: dict[str, Any], rating: dict[str, Any]
) -> dict[str, Any]:
    path = f"/comparisons/{comparison_id}/turns/{turn['number']}/patch"
    return {
        "number": turn["number"],
        "continued_from": turn["continued_from"],
        "commits": {side: rollout["commit"] for side, rollout in turn["sides"].items()},
        "outcomes": {side: rollout["outcome"] for side, rollout in turn["sides"].items()},
        "diffstat": {side: rollout["diffstat"] for side, rollout in turn["sides"].items()},
        "patch_bytes": {
            side: len(contributor.text(path, **{"from": "base", "to": side}))
            for side, rollout in turn["sides"].items()
            if rollout["commit"]
        },
        "checks": {
            side: [
                {key: check[key] for key in ("kind", "name", "status", "summary", "against_base")}
                for check in rollout["checks"]
            ]
            for side, rollout in turn["sides"].items()
        },
        "preference": {key: rating[key] for key in ("preferred", "strength", "rubric_version")},
    }
