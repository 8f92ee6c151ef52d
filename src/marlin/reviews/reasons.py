"""Why a submission can be rejected: a short list, so that it can be counted; words say what happened. Pure."""

from __future__ import annotations

from typing import Literal, get_args

Reason = Literal["role_play", "against_rules", "duplicate_task", "copied", "not_judged", "fraud", "other"]
"""role_play: the request plays a part instead of asking for work. against_rules: the task breaks the campaign's
guidelines. duplicate_task: it was submitted before. copied: the justification is somebody else's, or of another task.
not_judged: the answers say nothing about these two results. fraud: somebody pretends. other: the words say what."""

REASONS: tuple[str, ...] = get_args(Reason)

OF_THE_JUDGEMENT = ("copied", "not_judged")
"""These say nothing against the task: what others judge of the same results stands."""

OF_THE_TASK = tuple(reason for reason in REASONS if reason not in OF_THE_JUDGEMENT)
"""With one of these nothing that was asked in the comparison may be learned from, whoever judged the results."""
