"""What the demo puts into an empty Marlin: one campaign of two scripted arms, and a person per role."""

from __future__ import annotations

from dataclasses import dataclass

from marlin import accounts, campaigns, examples
from marlin.accounts import Role
from marlin.db import transaction
from marlin.settings import Settings

PEOPLE = {
    Role.CONTRIBUTOR: ("Ada Contributor", "contributor@demo.example"),
    Role.REVIEWER: ("Ravi Reviewer", "reviewer@demo.example"),
    Role.OPERATOR: ("Olu Operator", "operator@demo.example"),
}


@dataclass(frozen=True, slots=True)
class Demo:
    """Links that sign in, by role, for at most a day."""

    campaign: str
    links: dict[Role, str]


async def prepare_demo(settings: Settings, campaign: str = "demo", *, headless: bool = False) -> Demo:
    """Create the demo's campaign and people where they are missing, and fresh links for them.

    :param campaign: name of one of the example campaigns.
    :param headless: a campaign of the same kind that nobody else uses: what a program plays is no evidence beside what
        people judge in a demo on the same data.
    """
    wish = campaigns.parse_campaign(examples.load_campaign_text(campaign))
    if headless:
        own = {"slug": f"{wish.slug}-headless", "title": f"{wish.title}, played without a browser"}
        wish = wish.model_copy(update=own)
    links = {}
    async with transaction() as session:
        if wish.slug not in {known.slug for known in await campaigns.list_campaigns(session, only_open=False)}:
            await campaigns.create_campaign(session, wish, actor=None)
        for role, (name, email) in PEOPLE.items():
            person = await accounts.find_person(session, email)
            if person is None:
                person = await accounts.create_person(session, name=name, email=email, roles=[role])
            token, _ = await accounts.create_sign_in_link(session, person, reusable=True)
            links[role] = accounts.sign_in_url(settings.base_url, token)
    return Demo(wish.slug, links)
