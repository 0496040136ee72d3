"""Registering helpers and guests: a person first, then what she agrees to, then what she takes part in."""

from dataclasses import dataclass
from typing import Any

from deploy.demo.client import Caller, Client, coordinator
from deploy.demo.people import People
from deploy.demo.world import Body, Guest, Helper


@dataclass(frozen=True, slots=True)
class HelperPlan:
    """A helper as she will be registered. ``clearance`` is missing where nobody has seen a certificate yet."""

    helper: Helper
    person: Body
    consents: tuple[Body, ...] = ()
    clearance: Body | None = None


@dataclass(frozen=True, slots=True)
class GuestPlan:
    """A family with a parent, or a pupil (without ``household``), as they will be registered."""

    guest: Guest
    person: Body
    household: Body | None
    consents: tuple[Body, ...] = ()
    contact: Body | None = None


async def register_helper(client: Client, plan: HelperPlan) -> Helper:
    """By the programme's coordinator."""
    helper = plan.helper
    caller, base = coordinator(helper.city, helper.programme), f"cities/{helper.city}"
    await client.post(caller, "registry", f"{base}/people", plan.person)
    await _agree(client, caller, base, plan.consents)
    await client.post(caller, "registry", f"{base}/engagements", helper.body)
    if plan.clearance is not None:
        await client.post(caller, "registry", f"{base}/engagements/{helper.id}:clear", plan.clearance)
    return helper


async def register_guest(client: Client, plan: GuestPlan) -> Guest:
    """By the programme's coordinator."""
    guest = plan.guest
    caller, base = coordinator(guest.city, guest.programme), f"cities/{guest.city}"
    await client.post(caller, "registry", f"{base}/people", plan.person)
    if plan.household is not None:
        await client.post(caller, "registry", f"{base}/families", plan.household)
    if plan.contact is not None:
        await client.post(caller, "registry", f"{base}/contacts", plan.contact)
    await _agree(client, caller, base, plan.consents)
    await client.post(caller, "registry", f"{base}/participations", guest.body)
    return guest


def consent(people: People, subject: str, day: str, purpose: str, **fields: Any) -> Body:
    """The body of a consent given in writing."""
    return {
        "id": people.id("con"),
        "subject": subject,
        "purpose": purpose,
        "capacity": "self",
        "text": f"{purpose}_consent",
        "text_language": "de",
        "how": "in_writing",
        "given_on": day,
        **fields,
    }


async def _agree(client: Client, caller: Caller, base: str, consents: tuple[Body, ...]) -> None:
    for body in consents:
        await client.post(caller, "registry", f"{base}/consents", body)
