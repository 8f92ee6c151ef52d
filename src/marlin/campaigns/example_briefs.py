"""The example briefs that a campaign offers. Their text is data in ``marlin.examples``."""

from __future__ import annotations

from collections.abc import Iterable

from marlin import examples
from marlin.campaigns.errors import CampaignFileError, ExampleNotOfferedError
from marlin.campaigns.models import Campaign
from marlin.campaigns.schemas import ExampleBriefOut


def check_names(names: Iterable[str]) -> None:
    """:raises CampaignFileError: if one of ``names`` is no example brief."""
    errors = [
        {"field": f"example_briefs[{index}]", "message": f"there is no example brief {name!r}"}
        for index, name in enumerate(names)
        if not examples.has_brief(name)
    ]
    if errors:
        raise CampaignFileError(
            errors[0]["message"].capitalize() + ".",
            hint=f"There are: {', '.join(examples.list_briefs())}.",
            errors=errors,
        )


def offered(campaign: Campaign) -> list[ExampleBriefOut]:
    """What the campaign offers, in its order."""
    briefs = [examples.load_brief(name) for name in campaign.example_briefs]
    return [ExampleBriefOut(name=brief.name, title=brief.title, summary=brief.summary) for brief in briefs]


def require_example(campaign: Campaign, name: str) -> None:
    """:raises ExampleNotOfferedError: if the campaign does not offer the example brief ``name``."""
    if name not in campaign.example_briefs:
        offers = ", ".join(campaign.example_briefs) or "none"
        raise ExampleNotOfferedError(
            f"This campaign offers no example brief {name!r}.", hint=f"It offers: {offers}.", name=name
        )
