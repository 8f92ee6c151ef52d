"""Campaign files that Marlin writes can be created as they are."""

from __future__ import annotations

from marlin.campaigns import parse_campaign, tuned_against_parent


def test_tuned_against_parent_is_a_whole_campaign_with_the_parents_arm() -> None:
    text = tuned_against_parent(
        slug="next",
        parent='models/ba"se',
        parent_hash="f" * 64,
        url="http://127.0.0.1:8001/v1",
        agent="minimal",
        dataset="d" * 64,
        synthetic=True,
    )
    wish = parse_campaign(text, source="next.toml")
    (arm,) = wish.arms
    assert (wish.slug, wish.synthetic, arm.name, arm.agent) == ("next", True, "parent", "minimal")
    assert (arm.model, arm.upstream, arm.api) == ('models/ba"se', "http://127.0.0.1:8001/v1", "openai-chat")
    assert (wish.assignment.overlap_rate, wish.assignment.aa_rate) == (0.2, 0.05)
