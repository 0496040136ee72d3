"""Whatever a body names by an id: in reach it is taken; elsewhere, and nowhere, it is refused with the same words."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
import pytest_asyncio

from deploy.documents import unconnected_app
from services.registry.app import SERVICE
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import consent_of
from tests.integration.registry.town import MODULES, Town

CITY: Final = "verweisstadt"
BELOW: Final = "/v1/cities/{city}"
AWO: Final[dict[str, Any]] = {"carrier": "awo", "subject": "usr-awo"}
INSEL: Final[dict[str, Any]] = {"carrier": "insel", "subject": "usr-insel"}
ONLY_PATEN: Final[dict[str, Any]] = {"programmes": ["paten"], "subject": "usr-paten"}
DAY: Final = "2025-11-20"
WITH: Final[dict[str, dict[str, Any]]] = {
    "guardians": {"capacity": "mother"},
    "roles": {"role": "coordinator", "since": DAY},
    "attended": {"state": "present"},
    "channels": {"kind": "telephone", "number": "+4915228817386"},
}
"""What stands beside a reference in the entry of a list of that name."""
HOUSE: Final = (
    "/household/adults/*/person",
    "/household/children/*/person",
    "/household/children/*/guardians/*/person",
)
HERE: Final = {"programme": "muetter", "date": DAY, "site": "haus-awo"}
ROUTES: Final[dict[str, tuple[dict[str, Any], tuple[str, ...]]]] = {
    "PUT /programmes/allein/roles": ({}, ("/roles/*/person",)),
    "POST /families": ({"district": "nordufer", "languages": {"ar": "A2"}}, ("/persons/*", *HOUSE)),
    "PATCH /families/{family}": ({}, ("/persons/*", *HOUSE)),
    "POST /contacts": ({}, ("/subject",)),
    "POST /contacts ": ({"subject": "{family}"}, ("/channels/*/person",)),
    "PATCH /contacts/{kept}": ({}, ("/channels/*/person",)),
    "POST /engagements": ({**HERE, "role": "helper"}, ("/person",)),
    "POST /engagements ": ({**HERE, "role": "helper", "person": "{person}"}, ("/excluded/*",)),
    "PATCH /engagements/{engagement}": ({}, ("/excluded/*",)),
    "POST /participations": ({**HERE, "programme": "paten"}, ("/family",)),
    "POST /participations ": (
        {**HERE, "programme": "paten", "district": "nordufer", "languages": {"ar": "A2"}}, ("/person",)
    ),
    "POST /participations  ": (
        {**HERE, "programme": "paten", "family": "{family}"}, ("/guardians/*", "/excluded/*")
    ),
    "PATCH /participations/{participation}": ({}, ("/guardians/*", "/excluded/*")),
    "POST /consents": (consent_of("{family}"), ("/subject", "/given_by")),
    "POST /cohorts/{cohort}:enrol": ({}, ("/engagement",)),
    "POST /cohorts/{cohort}:leave": ({}, ("/engagement",)),
    "POST /attendances": (
        {"cohort": "{cohort}", "module": "health", "date": DAY, "state": "present"}, ("/engagement",)
    ),
    "POST /outcomes": ({"kind": "job", "date": DAY}, ("/engagement", "/participation")),
    "POST /meeting-series/{series}/meetings": ({"date": DAY}, ("/attended/*/engagement",)),
    "PATCH /meeting-series/{series}/meetings/{meeting}": ({"reason": "mistake"}, ("/attended/*/engagement",)),
}  # fmt: skip
"""Every act that names somebody: the rest of its body, and where the names stand. Blanks tell apart ways to use one."""
SEARCH: Final = "POST /people:search /id"
ENROLLED: Final = ("POST /cohorts/{cohort}:leave", "POST /attendances")
KINDS: Final = {"person": "per", "family": "fam", "engagement": "eng", "participation": "ptc"}
CASES: Final = [(route, pointer) for route, (_, pointers) in ROUTES.items() for pointer in pointers]
OTHERWISE: Final = {
    "POST /people:names /ids/*": "test_acts_across_carriers.py",
    SEARCH: "test_acts_across_carriers.py",
    "POST /erasures /subject": "below",
}
Ids = dict[str, str]


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    alone = {"slug": "allein", "name": "Allein", "begin": "2025-10-01", "sites": ["haus-awo"], "modules": MODULES}
    await made.post("programmes", alone, role="city")
    return made


@pytest_asyncio.fixture(scope="module")
async def elsewhere(town: Town) -> Ids:
    return await _entered(town, "haus-insel", **INSEL)


@pytest.mark.parametrize(("route", "pointer"), CASES)
async def test_out_of_reach_is_as_nowhere_and_in_reach_is_taken(
    town: Town, elsewhere: Ids, route: str, pointer: str
) -> None:
    own = await _entered(town, "haus-awo", **AWO) | await _shared(town)
    if "kept" in route:
        own["kept"] = (await town.post("contacts", {"subject": own["family"]}, **AWO))["id"]
    other = await _entered(town, "haus-awo", **AWO)
    for kind in _kinds(route, pointer):
        denied = await _denied(town)
        foreign = await _sent(town, route, pointer, own, elsewhere[kind])
        noted = await _denied(town) - denied
        nobody = await _sent(town, route, pointer, own, new_id(KINDS[kind]))
        assert (foreign, noted) == (nobody, 1), kind
        assert await _denied(town) == denied + 1, kind
        status, answer = nobody
        (error,) = answer["errors"]
        assert (status, answer["code"], error["code"]) == (422, "invalid", "not-found")
        assert error["pointer"] == pointer.replace("*", "0")
        assert error["expected"].endswith(f"{kind} in your reach")
        if route in ENROLLED:
            await town.post(f"cohorts/{own['cohort']}:enrol", {"engagement": other["engagement"]}, **AWO)
        status, answer = await _sent(town, route, pointer, own, other[kind])
        assert status in {200, 201}, (kind, answer)


async def test_limits_to_a_programme_say_no_more_than_those_to_a_carrier(town: Town) -> None:
    own = await _entered(town, "haus-awo", **AWO) | await _shared(town)
    answers = [
        await _sent(town, "POST /outcomes", f"/{kind}", own, key, **ONLY_PATEN)
        for kind, prefix in (("engagement", "eng"), ("participation", "ptc"))
        for key in (own[kind], new_id(prefix))
    ]
    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
    assert {status for status, _ in answers} == {422}


async def test_who_stands_there_already_may_stay(town: Town, elsewhere: Ids) -> None:
    own = await _entered(town, "haus-awo", **AWO)
    stranger, engagement, participation = (elsewhere[kind] for kind in ("person", "engagement", "participation"))
    named, called = {"adults": [{"person": stranger}]}, {**WITH["channels"], "person": stranger}
    roles = {**WITH["roles"], "person": stranger}
    family = await town.family(own["person"], household=named)
    await town.participation(family)
    await town.post("contacts", {"subject": family, "channels": [called]})
    helper = await town.engagement(own["person"], excluded=[participation])
    joined = await town.participation(own["family"], guardians=[stranger], excluded=[engagement])
    assert (await _sent(town, "PUT /programmes/allein/roles", "/roles", {}, [roles], role="city"))[0] == 200
    for route, pointer, value in (
        (f"PATCH /families/{family}", "/household", {**named, "children": [{"birth": "2018"}]}),
        (f"PATCH /contacts/{family}", "/channels", [{**called, "times": ["mon-am"]}]),
        (f"PATCH /engagements/{helper}", "/excluded", [participation]),
        (f"PATCH /participations/{joined}", "/guardians", [stranger]),
        (f"PATCH /participations/{joined}", "/excluded", [engagement]),
        ("PUT /programmes/allein/roles", "/roles", [{**roles, "until": "2026-01-01"}]),
    ):
        status, answer = await _sent(town, route, pointer, {}, value)
        assert status == 200, (route, pointer, answer)
    joins = await _sent(town, f"PATCH /participations/{joined}", "/guardians", {}, [stranger, elsewhere["second"]])
    assert (joins[0], [error["pointer"] for error in joins[1]["errors"]]) == (422, ["/guardians/1"])


async def test_person_who_has_moved_away_stays_in_her_family(town: Town) -> None:
    body, person = {"district": "nordufer", "languages": {"ar": "A2"}}, await town.person()
    engagement, stays = await town.engagement(person), await town.engagement(await town.person())
    family = (await town.post("families", {**body, "persons": [person]}, **AWO))["id"]
    await town.post(f"engagements/{engagement}:move", {"site": "haus-insel", "since": DAY})
    await town.get(f"people/{person}?purpose=visit", **AWO, expect=404)
    other = (await town.get(f"engagements/{stays}"))["person"]
    status, answer = await _sent(town, f"PATCH /families/{family}", "/persons", {}, [person, other])
    assert (status, answer["persons"]) == (200, [person, other])


async def test_receiver_of_a_consent_is_an_organisation(town: Town) -> None:
    family = await town.family()
    refused = await town.post("consents", consent_of(family, receiver="niemand"), expect=422)
    assert refused["errors"][0]["pointer"] == "/receiver"
    assert (await town.post("consents", consent_of(family, receiver="insel")))["receiver"] == "insel"


async def test_erasure_of_nobody_is_answered_as_that_of_somebody_elsewhere(town: Town, elsewhere: Ids) -> None:
    # 404, and looked for in the transaction alone: a repeat under the same key finds its answer though she is gone.
    for kind in ("person", "family"):
        foreign = await _sent(town, "POST /erasures", "/subject", {}, elsewhere[kind])
        assert foreign == await _sent(town, "POST /erasures", "/subject", {}, new_id(KINDS[kind]))
        assert foreign[0] == 404
    person = await town.person()
    for _ in range(2):
        body, headers = {"subject": person}, {"Idempotency-Key": "erasure-of-a-reference"}
        await town.post("erasures", body, headers=headers, subject="usr-repeats", expect=202)


async def test_cohort_of_another_programme_is_as_none(town: Town) -> None:
    body = {**HERE, "programme": "allein", "role": "helper", "person": await town.person()}
    for cohort in ((await _shared(town))["cohort"], new_id("coh")):
        refused = await town.post("engagements", {**body, "cohort": cohort}, expect=422)
        assert refused["errors"] == [
            {"pointer": "/cohort", "code": "not-one-of", "expected": "a cohort of the programme"}
        ]


def test_no_reference_is_forgotten() -> None:
    document = unconnected_app(SERVICE).openapi()
    found = set()
    for path, ways in document["paths"].items():
        for method, way in ways.items():
            for media in way.get("requestBody", {}).get("content", {}).values():
                names = _references(document, media["schema"])
                found |= {f"{method.upper()} {path.removeprefix(BELOW)} {name}" for name in names}
    tried = {f"{_template(route)} {pointer}" for route, pointer in CASES}
    # ``/id`` is a new thing's own.
    assert {name for name in found if not name.endswith(" /id")} == tried | (set(OTHERWISE) - {SEARCH})
    assert (SEARCH in found, len(CASES)) == (True, len(tried))


def _template(route: str) -> str:
    return route.strip().replace("/allein/", "/{programme}/").replace("{kept}", "{subject}")


def _references(document: Any, schema: Any, pointer: str = "") -> Iterator[str]:
    """Where a body may name a person, family, engagement or participation."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if any(sign in schema.get("pattern", "") for sign in ("per_", "(per|", "fam_", "eng_", "ptc_", "[a-z]{3}_")):
        yield pointer
    for part in schema.get("anyOf", ()):
        yield from _references(document, part, pointer)
    for name, inner in schema.get("properties", {}).items():
        yield from _references(document, inner, f"{pointer}/{name}")
    if "items" in schema:
        yield from _references(document, schema["items"], f"{pointer}/*")


def _kinds(route: str, pointer: str) -> tuple[str, ...]:
    if pointer == "/subject":
        return tuple(KINDS) if route == "POST /consents" else ("family", "person")
    last = pointer.strip("/*").rpartition("/")[2]
    if last == "excluded":
        return ("participation",) if "engagements" in route else ("engagement",)
    return (last,) if last in KINDS else ("person",)


async def _entered(town: Town, site: str, **caller: Any) -> Ids:
    """What a carrier has entered."""
    person, second = [(await town.post("people", {"as_documented": name}, **caller))["id"] for name in ("Amal", "Nour")]
    body = {"persons": [person, second], "district": "nordufer", "languages": {"ar": "native"}}
    family = (await town.post("families", body, **caller))["id"]
    about = {"programme": "muetter", "date": "2025-11-17", "site": site}
    participation = (await town.post("participations", {**about, "family": family}, **caller))["id"]
    engagement = (await town.post("engagements", {**about, "person": person, "role": "volunteer"}, **caller))["id"]
    return {
        "person": person, "second": second, "family": family, "participation": participation, "engagement": engagement,
    }  # fmt: skip


async def _shared(town: Town) -> Ids:
    """A cohort, a series and one of its meetings, which the whole programme has."""
    cohort = await town.post("cohorts", {"programme": "muetter", "name": "A", "opened_on": "2025-11-17"})
    series = await town.post("meeting-series", {"programme": "muetter", "name": "Runde", "first_on": "2025-11-17"})
    meeting = await town.post(f"meeting-series/{series['id']}/meetings", {"date": "2025-11-17"})
    return {"cohort": cohort["id"], "series": series["id"], "meeting": meeting["id"]}


async def _sent(
    town: Town, route: str, pointer: str, ids: Ids, value: Any, *, role: str = "coordinator", **caller: Any
) -> tuple[int, Any]:
    """The status and answer of an act with ``value`` at the pointer, without what is another's in every answer."""
    method, _, template = route.strip().partition(" ")
    path = f"{BELOW}{template}".format(city=CITY, **ids)
    base = ROUTES[route][0] if route in ROUTES else {}
    body = {name: ids[one[1:-1]] if isinstance(one, str) and one[0] == "{" else one for name, one in base.items()}
    body |= _placed(pointer.strip("/").split("/"), value)
    limits = caller or ({} if role == "city" else AWO)
    headers = {"If-Match": f'"{await _version(town, path)}"'} if method != "POST" else {}
    async with town.api.client(role, CITY, **limits) as client:
        answer = await client.request(method, path, json=body, headers=headers)
    told = answer.json()
    return answer.status_code, {name: one for name, one in told.items() if name != "correlation_id"}


def _placed(parts: list[str], value: Any) -> dict[str, Any]:
    """The nested body that has ``value`` there."""
    name, *rest = parts
    if not rest:
        return {name: value}
    if rest[0] != "*":
        return {name: _placed(rest, value)}
    entry = {**WITH.get(name, {}), **_placed(rest[1:], value)} if rest[1:] else value
    return {name: [entry]}


async def _version(town: Town, path: str) -> int:
    parts = path.removesuffix("/roles").split("/")
    stored = await town.api.store.mongo.city(CITY)[parts[-2]].find_one({"_id": parts[-1]})
    assert stored is not None
    return int(stored["version"])


async def _denied(town: Town) -> int:
    return int(await town.api.store.mongo.city(CITY)["audit"].count_documents({"outcome": "denied"}))
