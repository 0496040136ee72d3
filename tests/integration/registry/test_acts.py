"""Acts take the version that they are meant for, and can do without."""

from typing import Any

import pytest_asyncio

from deploy.documents import unconnected_app
from services.registry.app import SERVICE
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

OPENED = {"contacts": "?purpose=correction"}
"""What is sealed altogether is read for a purpose."""
OF_THE_CITY = ("sites:carrier", "programmes:end")


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, "taktstadt")
    await made.build()
    return made


async def test_every_act_is_refused_for_another_version_and_done_for_the_one_that_is_there(town: Town) -> None:
    cohort = (await town.post("cohorts", {"programme": "muetter", "name": "A", "opened_on": "2025-11-17"}))["id"]
    family = await town.family(await town.person())
    helper, trainee = await town.engagement(await town.person()), await town.engagement(await town.person(), "muetter")
    consent: dict[str, Any] = {"subject": family, "purpose": "matching", "capacity": "self", "text": "matching_consent"}
    consent |= {"text_language": "de", "how": "in_writing", "given_on": "2025-11-20"}
    participation = f"participations/{await town.participation(family)}"
    engagement, shown = f"engagements/{helper}", f"people/{await town.person()}/proofs"
    certified = await town.engagement(await town.person())
    await town.post(f"engagements/{certified}:certify", {"on": "2025-11-20"})
    certificate = (await town.post(f"engagements/{certified}/certificates", {}))["id"]
    await town.post("contacts", {"subject": family})
    proof = {"kind": "measles", "dated_on": "2025-11-20", "seen_on": "2025-11-20"}
    acts: dict[str, tuple[str, Any]] = {
        "engagements:clear": (engagement, {"issued_on": "2025-10-30", "seen_on": "2025-11-20"}),
        "engagements:pause": (engagement, {}),
        "engagements:resume": (engagement, {}),
        "engagements:certify": (engagement, {"on": "2025-11-20"}),
        "engagements:leave": (engagement, {"on": "2025-11-20", "reason": "moved_away"}),
        "engagements:move": (f"engagements/{trainee}", {"site": "haus-insel", "since": "2025-11-20"}),
        "certificates:withdraw": (f"certificates/{certificate}", {"reason": "entered_wrongly"}),
        "cohorts:enrol": (f"cohorts/{cohort}", {"engagement": trainee}),
        "cohorts:leave": (f"cohorts/{cohort}", {"engagement": trainee}),
        "contacts:protect": (f"contacts/{family}", {"named": ["usr-knows"]}),
        "contacts:lift": (f"contacts/{family}", {}),
        "consents:withdraw": (f"consents/{(await town.post('consents', consent))['id']}", {}),
        "families:move": (f"families/{family}", {"district": "suedufer", "since": "2025-11-20"}),
        "participations:move": (participation, {"site": "haus-insel", "since": "2025-11-20"}),
        "participations:end": (
            participation,
            {"on": "2025-11-22", "reason": "needs_met"},
        ),
        "participations:reopen": (participation, {"reason": "entered_wrongly"}),
        "sites:carrier": ("sites/haus-awo", {"carrier": "insel", "since": "2026-01-01"}),
        "proofs:withdraw": (f"{shown}/{(await town.post(shown, proof))['id']}", {}),
        "programmes:require": ("programmes/paten", {"role": "volunteer", "since": "2026-01-01", "needs": []}),
        "programmes:end": ("programmes/paten", {}),
    }
    for name, (thing, body) in acts.items():
        act, role = f"{thing}:{name.partition(':')[2]}", "city" if name in OF_THE_CITY else "coordinator"
        limits: dict[str, Any] = {"role": role, "subject": "usr-knows"}
        version = (await town.get(f"{thing}{OPENED.get(name.partition(':')[0], '')}", **limits))["version"]
        for tag, status, code in (('"99"', 412, "version-lost"), ("W/1", 400, "if-match-form")):
            refused = await town.post(act, body, **limits, headers={"If-Match": tag}, expect=status)
            assert refused["code"] == code, name
            if status == 412:
                assert refused["params"] == {"version": version}, name
        done = await town.post(act, body, **limits, headers={"If-Match": f'"{version}"'})
        assert done["version"] == version + 1, name
    assert acts.keys() == _acts()


def _acts() -> set[str]:
    paths = [path for path in unconnected_app(SERVICE).openapi()["paths"] if "}:" in path]
    return {f"{path.split('/')[-2]}:{path.partition('}:')[2]}" for path in paths}
