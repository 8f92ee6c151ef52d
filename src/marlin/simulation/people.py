"""The simulated people of a campaign: invited by an operator, or found again and signed in by a link."""

from __future__ import annotations

import secrets

import httpx

from marlin.accounts import SIMULATED_DOMAIN
from marlin.simulation.scripts import Script
from marlin.visiting import Visitor


def join(base_url: str, operator: Visitor, plan: Script) -> tuple[list[Visitor], Visitor]:
    """The contributors of a plan, in order, and their reviewer, each signed in."""
    known = {person["email"]: person["id"] for person in operator.get("/people")}
    wanted = [
        (f"Simulated contributor {place + 1}", f"c{place + 1}.{plan.campaign}@{SIMULATED_DOMAIN}", "contributor")
        for place in range(plan.contributors)
    ]
    wanted.append(("Simulated reviewer", f"reviewer.{plan.campaign}@{SIMULATED_DOMAIN}", "reviewer"))
    visitors = []
    for name, email, role in wanted:
        if email in known:
            link = operator.post(f"/people/{known[email]}/sign-in-link")["url"]
            visitors.append(Visitor.from_link(base_url, link))
        else:
            visitors.append(_invited(base_url, operator, name, email, role))
    return visitors[:-1], visitors[-1]


def _invited(base_url: str, operator: Visitor, name: str, email: str, role: str) -> Visitor:
    url = operator.post("/invitations", {"email": email, "roles": [role]})["url"]
    token = url.rsplit("#", 1)[-1]
    client = httpx.Client(base_url=f"{base_url}/api/v1", timeout=60, headers={"Origin": base_url})
    visitor = Visitor(client, "", name)
    terms = visitor.get("/terms")["version"]
    answers = {"name": name, "email": email, "password": secrets.token_urlsafe(24), "terms_version": terms}
    visitor.csrf = visitor.post(f"/invitations/{token}/accept", answers)["csrf_token"]
    return visitor
