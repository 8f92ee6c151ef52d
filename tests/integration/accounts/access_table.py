"""Who may call what: one row for each operation of the HTTP API. A new operation needs a row here before it is merged.

``who``: ANYBODY without signing in · SIGNED_IN even before consent · PERSON after consent, whatever their roles ·
or the roles, one of which is needed.
``owned``: MINE nobody but the owner may know of it · VISIBLE the owner, operators, and reviewers once it is submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.factories.judgement import answers

from marlin.accounts import Role


class Who(Enum):
    """Callers beside those with a certain role."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    PERSON = "person"


class Owned(Enum):
    """Whose things they are."""

    MINE = "mine"
    VISIBLE = "visible"


@dataclass(frozen=True)
class Access:
    """One row.

    :ivar query: parameters that the operation needs.
    :ivar body: one that is well formed, so that ownership is what decides.
    :ivar endless: it streams: an allowed call would not end.
    """

    who: Who | frozenset[Role]
    owned: Owned | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    endless: bool = False


OPERATOR = frozenset({Role.OPERATOR})
CONTRIBUTOR = frozenset({Role.CONTRIBUTOR})
REVIEWER = frozenset({Role.REVIEWER})
DECIDER = frozenset({Role.REVIEWER, Role.OPERATOR})
"""Operators decide on disputes."""
_TURN = "/comparisons/{comparison_id}/turns/{number}"
_COMMENT = "/comparisons/{comparison_id}/comments/{comment_id}"


def _mine(body: Any = None, **query: str) -> Access:
    return Access(CONTRIBUTOR, Owned.MINE, query, body)


def _visible(**query: str) -> Access:
    return Access(Who.PERSON, Owned.VISIBLE, query)


TABLE: dict[tuple[str, str], Access] = {
    # accounts
    ("POST", "/sign-in"): Access(Who.ANYBODY),
    ("POST", "/sign-in/link"): Access(Who.ANYBODY),
    ("GET", "/terms"): Access(Who.ANYBODY),
    ("GET", "/invitations/{token}"): Access(Who.ANYBODY),
    ("POST", "/invitations/{token}/accept"): Access(Who.ANYBODY),
    ("GET", "/session"): Access(Who.SIGNED_IN),
    ("POST", "/sign-out"): Access(Who.SIGNED_IN),
    ("POST", "/consent"): Access(Who.SIGNED_IN),
    ("PUT", "/password"): Access(Who.SIGNED_IN),
    ("GET", "/api-tokens"): Access(Who.PERSON),
    ("POST", "/api-tokens"): Access(Who.PERSON),
    ("DELETE", "/api-tokens/{token_id}"): Access(Who.PERSON, Owned.MINE),
    ("GET", "/people"): Access(OPERATOR),
    ("PUT", "/people/{person_id}/roles"): Access(OPERATOR),
    ("POST", "/people/{person_id}/sign-in-link"): Access(OPERATOR),
    ("GET", "/invitations"): Access(OPERATOR),
    ("POST", "/invitations"): Access(OPERATOR),
    ("DELETE", "/invitations/{invitation_id}"): Access(OPERATOR),
    # campaigns
    ("GET", "/campaigns"): Access(Who.PERSON),
    ("POST", "/campaigns"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}"): Access(Who.PERSON),
    ("PATCH", "/campaigns/{campaign_id}"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/arms"): Access(OPERATOR),
    ("POST", "/campaigns/{campaign_id}/arms"): Access(OPERATOR),
    ("PATCH", "/campaigns/{campaign_id}/arms/{arm_id}"): Access(OPERATOR),
    # leaderboards: standings would sway those who still judge
    ("GET", "/campaigns/{campaign_id}/leaderboard"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/leaderboard.csv"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/report.html"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/votes.csv"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/agreement"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/allocation"): Access(OPERATOR, query={"budget_usd": "2800"}),
    ("GET", "/campaigns/{campaign_id}/changes"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/decision"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/questions"): Access(OPERATOR),
    ("POST", "/campaigns/{campaign_id}/questions"): Access(OPERATOR),
    ("POST", "/campaigns/{campaign_id}/plan"): Access(OPERATOR),
    # tasks
    ("GET", "/briefs"): Access(CONTRIBUTOR),
    ("POST", "/briefs"): Access(CONTRIBUTOR),
    ("POST", "/briefs/lint"): Access(CONTRIBUTOR),
    ("GET", "/briefs/{brief_id}"): _mine(),
    ("PATCH", "/briefs/{brief_id}"): _mine({"revision": 1, "title": "Another title"}),
    ("DELETE", "/briefs/{brief_id}"): _mine(),
    ("POST", "/briefs/{brief_id}/prepare"): _mine(),
    ("GET", "/briefs/{brief_id}/preparation/log"): _mine(),
    ("GET", "/briefs/{brief_id}/tree"): _mine(),
    ("GET", "/briefs/{brief_id}/blob"): _mine(path="README.md"),
    # comparisons
    ("GET", "/comparisons"): Access(CONTRIBUTOR),
    ("GET", "/comparisons/earnings"): Access(CONTRIBUTOR),
    ("POST", "/comparisons"): Access(CONTRIBUTOR),
    ("GET", "/comparisons/{comparison_id}"): _visible(),
    ("POST", "/comparisons/{comparison_id}/turns"): _mine({"prompt": "Add a test."}),
    ("PUT", f"{_TURN}/follow-up/draft"): _mine({"revision": 0, "prompt": "Add a te"}),
    ("GET", f"{_TURN}/follow-up/draft"): _mine(),
    ("PUT", f"{_TURN}/expectation"): _mine({"text": "A small fix."}),
    ("POST", f"{_TURN}/cancel"): _mine(),
    ("POST", f"{_TURN}/retry"): _mine(),
    ("GET", f"{_TURN}/files"): _visible(side="A"),
    ("GET", f"{_TURN}/patch"): _visible(to="A"),
    ("GET", "/comparisons/{comparison_id}/opening/patch"): _visible(to="A"),
    ("GET", f"{_TURN}/blob"): _visible(at="A", path="README.md"),
    ("GET", f"{_TURN}/tree"): _visible(at="base"),
    ("GET", f"{_TURN}/search"): _visible(at="base", text="def"),
    ("GET", "/comparisons/{comparison_id}/viewed"): _visible(),
    ("PUT", "/comparisons/{comparison_id}/viewed"): Access(
        Who.PERSON, Owned.VISIBLE, body={"turn": 1, "marks": [], "viewed": True}
    ),
    ("GET", f"{_TURN}/transcript"): _visible(side="A"),
    ("GET", "/comparisons/{comparison_id}/checks/{check_id}/log"): _visible(),
    ("GET", "/comparisons/{comparison_id}/events"): _visible(),
    ("GET", "/comparisons/{comparison_id}/events/stream"): Access(Who.PERSON, Owned.VISIBLE, endless=True),
    # terminals and checkouts
    ("POST", f"{_TURN}/terminals"): Access(Who.PERSON, Owned.VISIBLE, body={"side": "A"}),
    ("GET", "/comparisons/{comparison_id}/terminals"): _visible(),
    ("DELETE", "/terminals/{terminal_id}"): Access(Who.PERSON, Owned.MINE),
    ("POST", f"{_TURN}/checkouts"): _visible(),
    ("GET", "/comparisons/{comparison_id}/operator"): Access(OPERATOR),
    ("GET", "/system"): Access(OPERATOR),
    ("GET", f"{_TURN}/trajectory"): Access(OPERATOR, query={"side": "A"}),
    # ratings
    ("PUT", f"{_TURN}/rating/draft"): _mine({"revision": 0, "answers": {}}),
    ("GET", f"{_TURN}/rating/draft"): _mine(),
    ("POST", f"{_TURN}/rating"): _mine(answers()),
    ("DELETE", f"{_TURN}/rating"): _mine(),
    ("GET", "/comparisons/{comparison_id}/ratings"): _visible(),
    ("POST", f"{_TURN}/rating/check"): _mine(answers()),
    ("POST", "/comparisons/{comparison_id}/follow-up/check"): _mine({"prompt": "Add a test for it."}),
    ("GET", "/comparisons/{comparison_id}/submission/problems"): _visible(),
    ("POST", "/comparisons/{comparison_id}/submit"): _mine({}),
    ("GET", "/comparisons/{comparison_id}/comments"): _visible(),
    ("PUT", _COMMENT): _mine({"turn": 1, "anchor": {"side": "A", "step": 1}, "text": "Why?", "revision": 0}),
    ("DELETE", _COMMENT): _mine(),
    ("POST", f"{_COMMENT}/restore"): _mine(),
    # assignments
    ("POST", "/campaigns/{campaign_id}/assignment"): Access(CONTRIBUTOR),
    ("GET", "/campaigns/{campaign_id}/assignment"): Access(CONTRIBUTOR),
    ("GET", "/campaigns/{campaign_id}/comparisons"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/assignments"): Access(OPERATOR),
    ("POST", "/assignments/{assignment_id}/begin"): _mine(),
    ("POST", "/assignments/{assignment_id}/skip"): _mine({"reason": "I wrote this module."}),
    ("POST", "/assignments/{assignment_id}/release"): Access(OPERATOR),
    ("PUT", "/comparisons/{comparison_id}/gold"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/disagreements"): Access(OPERATOR),
    ("GET", "/comparisons/{comparison_id}/judgements"): Access(OPERATOR),
    ("POST", "/comparisons/{comparison_id}/adjudication"): Access(OPERATOR),
    ("DELETE", "/comparisons/{comparison_id}/gold"): Access(OPERATOR),
    # datasets
    ("GET", "/datasets"): Access(OPERATOR),
    ("GET", "/datasets/held"): Access(OPERATOR),
    ("GET", "/datasets/held/waiting"): Access(OPERATOR),
    ("POST", "/datasets/held/{campaign_id}"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/preview"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/rows"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/row"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/row/patch"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/row/messages"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/row/json"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/trace"): Access(OPERATOR),
    ("GET", "/datasets/{dataset_id}/download"): Access(OPERATOR),
    # tuning runs
    ("GET", "/tuning-runs"): Access(OPERATOR),
    ("GET", "/tuning-runs/{run_id}"): Access(OPERATOR),
    # reviews
    ("GET", "/reviews/queue"): Access(REVIEWER),
    ("GET", "/reviews/disputes"): Access(OPERATOR),
    ("GET", "/reviews/decided"): Access(REVIEWER),
    ("GET", "/reviews/decided/campaigns"): Access(REVIEWER),
    ("POST", "/comparisons/{comparison_id}/reviews"): Access(DECIDER),
    ("POST", "/comparisons/{comparison_id}/reviews/reopen"): Access(DECIDER),
    ("POST", "/comparisons/{comparison_id}/dispute"): _mine({"text": "I read both results to the end."}),
    ("GET", "/campaigns/{campaign_id}/rejections"): Access(OPERATOR),
    ("GET", "/campaigns/{campaign_id}/rejections/counts"): Access(OPERATOR),
    ("GET", "/comparisons/{comparison_id}/reviews"): _visible(),
    ("PUT", "/comparisons/{comparison_id}/reviews/draft"): Access(DECIDER),
    ("GET", "/comparisons/{comparison_id}/reviews/draft"): Access(DECIDER),
}
"""Method and path below /api/v1."""

BESIDE: dict[tuple[str, str], str] = {
    ("WEBSOCKET", "/api/v1/terminals/{terminal_id}/socket"): "the terminal's own person: cookie and Origin, or a token",
    ("GET", "/git/{token}/{name}/info/refs"): "whoever has the token, while its person may see the comparison",
    ("POST", "/git/{token}/{name}/git-upload-pack"): "whoever has the token, while its person may see the comparison",
    ("POST", "/git/{token}/{name}/git-receive-pack"): "nobody: it says that nothing can be pushed",
}
"""What is served beside the described operations, and to whom; their own tests hold them to it."""
