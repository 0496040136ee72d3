"""P5, volunteers in Stuttgart: five carriers, a newcomer who becomes a Pate, ended programmes, parents alike."""

from dataclasses import replace
from typing import Any, Final

import pymongo

from deploy.demo.client import Answer, Caller, Client, city_office
from shared.security.principals import COORDINATOR
from shared.testing.waiting import eventually
from tests.end_to_end.conftest import House
from tests.end_to_end.matching import act, held_round, pair, proposal_of, why_not
from tests.end_to_end.town import Guest, Json, Mentor, Place, Town, days_ago, together
from tests.end_to_end.traces import in_topic

ROOMS: Final = ("cannstatt", "feuerbach", "mitte", "moehringen", "obertuerkheim")
PLACES: Final = tuple(Place(f"raum-{room}", room, f"haus-{room}") for room in ROOMS)
UKRAINIAN: Final[Json] = {"languages": {"uk": "native", "de": "A1"}}
OUT_OF_REACH: Final = (403, 404)
SPECIAL: Final = "sehbehinderung_kind"
TELLING: Final = "Eltern sehbehinderter Kinder"
TOLD: Final = ("matching.proposals.v1", "matching.tandems.v1", "matching.waiting.v1")


async def test_each_of_five_carriers_decides_about_its_own_and_a_newcomer_becomes_a_pate(
    house: House, client: Client
) -> None:
    town = Town(client, "raumhafen", days_ago(300), programme="willkommenspaten", districts=ROOMS, places=PLACES)
    await town.build(name="WillkommensPaten", topics=["flat_search"])
    paten = await together([_pate(town, place) for place in PLACES])
    guests = await together([_newcomer(town, place) for place in PLACES])
    alone = await town.guest(
        "Abrehet Beispiel", site=PLACES[0].site, languages={"ti": "native"}, topics=["flat_search"]
    )
    held = await held_round(town, map(pair, paten, guests), waiting=[alone])
    drafts = [proposal_of(held, *both)["id"] for both in zip(paten, guests, strict=True)]

    # Each carrier's coordinator sees and decides about her own; what is another's is not there, and that she tried
    # is in the audit.
    carriers = [Caller(COORDINATOR, town.city, town.programme, carrier=place.carrier) for place in PLACES]
    before = _denied(house, town)
    tried = 0
    for number, caller in enumerate(carriers):
        seen = (await town.get("matching", "proposals", caller=caller))["items"]
        assert [one["id"] for one in seen] == [drafts[number]]
        for other in range(len(PLACES)):
            if other != number:
                tried += await _tries(town, caller, drafts[other], paten[other], guests[other])
        tried += await _tries_the_round(town, caller, held["id"])
    assert tried == 5 * (4 * 4 + 3)
    # A refusal is answered before its row is written.
    await eventually(lambda: _denied(house, town) - before, until=lambda noted: noted >= tried)
    assert _denied(house, town) - before == tried
    begun = [
        await town.post("matching", f"proposals/{draft}:accept", {"date": days_ago(90)}, caller=caller)
        for draft, caller in zip(drafts, carriers, strict=True)
    ]

    # The city sees how fair it was, and neither a small group nor a single case.
    await _city_sees_figures_only(town, held, drafts[0], begun[0])
    await _newcomer_becomes_a_pate(town, paten[0], guests[0], begun[0], alone)


async def _newcomer_becomes_a_pate(town: Town, pate: Mentor, oksana: Guest, tandem: Json, alone: Guest) -> None:
    """The tandem reached its goal; Oksana helps others now, under her own id, while her Pate has a rest."""
    await act(town, f"tandems/{tandem['id']}", "end", {"on": days_ago(20), "reason": "goal_reached"}, tandem["version"])
    await town.post("registry", f"participations/{oksana.participation}:end", _over(20))
    await town.post("registry", f"engagements/{pate.engagement}:pause")
    body: Json = {"person": oksana.person, "programme": town.programme, "role": "willkommenspate", "date": days_ago(19)}
    body |= {"site": PLACES[0].site, "languages": {"uk": "native", "de": "B1"}, "reach": [PLACES[0].district]}
    engagement = (await town.post("registry", "engagements", body | {"topics": ["flat_search"], "slots": ["wed-pm"]}))[
        "id"
    ]
    seen = {"issued_on": days_ago(30), "seen_on": days_ago(19)}
    await town.post("registry", f"engagements/{engagement}:clear", seen)
    neda = await _newcomer(town, PLACES[0])
    helper = Mentor(oksana.person, engagement)
    held = await held_round(town, [pair(helper, neda)], waiting=[alone], unavailable=[pate])
    await act(town, f"proposals/{proposal_of(held, helper, neda)['id']}", "accept")

    # One person, two parts with their days, and in matching a tandem on each side.
    for path, part, days in (
        ("participations", oksana.participation, (town.begin, days_ago(20))),
        ("engagements", engagement, (days_ago(19), None)),
    ):
        (found,) = (await town.get("registry", path, person=oksana.person))["items"]
        ended = found["ended_on"] if path == "participations" else found["left_on"]
        assert (found["id"], found["person"], (found["date"], ended)) == (part, oksana.person, days)
    helped = (await town.get("matching", "tandems", participation=oksana.participation))["items"]
    helping = (await town.get("matching", "tandems", engagement=engagement))["items"]
    assert [one["ended_because"] for one in (*helped, *helping)] == ["goal_reached", None]


async def test_programme_that_is_over_takes_no_round_and_no_pair_and_stays_readable(client: Client) -> None:
    town = Town(client, "lernhafen", days_ago(300), programme="lernbegleitung")
    await town.build(name="Individuelle Lernbegleitung", topics=["school"])
    mentor, other = await _learning(town, "Bea Beispiel"), await _learning(town, "Ben Beispiel", slots=["mon-am"])
    pupil = await town.guest("Pia Beispiel", topics=["school"])
    waiting = await town.guest("Paul Beispiel", topics=["school"], languages={"so": "native"})
    held = await held_round(town, [pair(mentor, pupil)], waiting=[waiting])
    tandem = await act(town, f"proposals/{proposal_of(held, mentor, pupil)['id']}", "accept", {"date": days_ago(90)})
    await act(town, f"tandems/{tandem['id']}", "end", {"on": days_ago(5), "reason": "goal_reached"}, tandem["version"])

    # It ends, as another of the same kind did of which nobody knows any more when.
    office, until = city_office(town.city), days_ago(3)
    await town.post("registry", f"programmes/{town.programme}:end", {"until": until}, caller=office)
    unknown = replace(town, programme="lernaktiv")
    await unknown.provide(name="LERNaktiv", begin=None, closed=True)
    await eventually(lambda: _refused_round(town), within=30)
    await eventually(lambda: _refused_round(unknown), within=30)
    by_hand = {"engagement": other.engagement, "participation": waiting.participation, "date": days_ago(0)}
    refused = await town.call("matching", "POST", "tandems", by_hand, refused=(422,))
    assert refused.code == "outside-programme"
    assert refused.json["errors"][0]["expected"] == f"{town.begin} … {days_ago(4)}"

    # All that it was can be read as before, and counts in the years that it was there.
    for slug in ("lernbegleitung", "lernaktiv"):
        assert (await town.get("registry", f"programmes/{slug}", caller=office))["state"] == "ended"
    (listed,) = (await town.get("matching", "rounds", programme=town.programme, limit="1"))["items"]
    assert listed["counts"]["proposals"] == 1
    assert (await town.get("matching", f"tandems/{tandem['id']}"))["ended_because"] == "goal_reached"
    assert (await town.get("matching", f"proposals/{tandem['proposal']}"))["state"] == "accepted"
    assert (await town.get("matching", f"rounds/{listed['id']}/fairness"))["matched"] == 1
    (gap,) = (await town.get("matching", "gaps", programme=town.programme))["language_gap"]
    assert (gap["language"], gap["families"]) == ("so", 1)
    assert (await why_not(town, other, waiting, round=listed["id"]))["reason"]["rule"] == "language"
    await town.figures_with(tandems=1)
    assert (await town.get("matching", "rounds", caller=unknown.coordinator, programme="lernaktiv"))["items"] == []


async def test_parents_alike_find_each_other_by_consent_and_nothing_tells_what_they_share(
    house: House, client: Client
) -> None:
    town = Town(client, "elternhafen", days_ago(300), programme="programm-neun")
    neutral: Json = {"name": "Programm Neun", "special": True, "telling_name": TELLING, "special_topics": [SPECIAL]}
    await town.build(**neutral, topics=["education", SPECIAL])

    # Mona knows it herself and lets it be used; Nora knows it too, and does not. Olga helps with school.
    mona = await _parent(town, "Mona Beispiel", topics=["education", SPECIAL])
    nora = await _parent(town, "Nora Beispiel", topics=["education", SPECIAL], slots=["sun-eve"])
    olga = await _parent(town, "Olga Beispiel", topics=["education"])
    await town.consent(mona.engagement, mona.person, "special_category", "volunteer")
    aras = await town.family("Aras Beispiel", topics=["education", SPECIAL])
    agreed = await town.consent(aras.family, aras.person, "special_category")
    bela = await town.family("Bela Beispiel", topics=["education", SPECIAL])

    # Aras agreed to it: only Mona is like her. Bela did not, and is helped with what can be said.
    held = await held_round(town, [pair(mona, aras), pair(olga, bela)], also=lambda held: "'special'" in str(held))
    alike, plain = proposal_of(held, mona, aras), proposal_of(held, olga, bela)
    assert (_topics(alike), _topics(plain)) == (["education", "special"], ["education"])
    for helper in (nora, olga):
        reason = (await why_not(town, helper, aras))["reason"]
        assert (reason["rule"], reason["topics"]) == ("topic", ["special"])
        assert reason["sentence"] == "Does not offer: a protected topic."

    # What they share is a token in the round's file, on the sides that agreed, and nowhere else.
    file = await town.get("matching", f"rounds/{held['id']}/instance")
    rows = {row["id"]: row for row in (*file["mentors"], *file["families"])}
    tokens = {key: [topic for topic in row["topics"] if topic.startswith("x-")] for key, row in rows.items()}
    (token,) = tokens.pop(mona.engagement)
    assert tokens.pop(aras.participation) == [token]
    assert [found for found in tokens.values() if found] == []
    read = [str(held), *[str(await town.get("matching", path)) for path in ("proposals", "waiting", "due", "changes")]]
    asked: Json = {"participation": aras.participation}
    read += [str(await town.get("matching", "candidates", **asked)), str(await why_not(town, nora, aras))]
    read += [str(await town.get("matching", "gaps", programme=town.programme)), str(await town.figures_with())]
    read.append(str(await town.get("matching", f"rounds/{held['id']}/fairness")))
    secret = token.removeprefix("x-")
    assert [text for text in read if any(word in text for word in (secret, SPECIAL, TELLING))] == []

    # She takes that consent back: the draft that rested on it is gone, and she is helped like everybody.
    await town.post("registry", f"consents/{agreed}:withdraw")
    await eventually(lambda: _state(town, alike["id"]), until=lambda state: state == "expired", within=30)
    held = await held_round(town, [pair(mona, aras), pair(olga, bela)])
    assert _topics(proposal_of(held, mona, aras)) == ["education"]
    assert [bool(in_topic(house, topic, aras.participation)) for topic in TOLD] == [True, False, False]
    assert [in_topic(house, topic, text) for topic in TOLD for text in (secret, SPECIAL)] == [[]] * 6


async def _pate(town: Town, place: Place) -> Mentor:
    """A volunteer of one room, with one place, who speaks Ukrainian and goes nowhere else."""
    fields: Json = {"role": "willkommenspate", "site": place.site, "reach": [place.district], "capacity": 1}
    return await town.mentor("Paula Beispiel", topics=["flat_search"], **(fields | UKRAINIAN))


async def _newcomer(town: Town, place: Place) -> Guest:
    fields: Json = {"site": place.site, "district": place.district, "topics": ["flat_search"]}
    return await town.guest("Oksana Beispiel", **(fields | UKRAINIAN))


async def _learning(town: Town, name: str, **fields: Any) -> Mentor:
    body: Json = {"role": "bildungsmentor", "languages": {"de": "native"}, "topics": ["school"], "capacity": 1}
    return await town.mentor(name, **(body | fields))


async def _parent(town: Town, name: str, **fields: Any) -> Mentor:
    """An Elternmentor with one place, who agrees to be matched."""
    parent = await town.mentor(name, role="elternmentor", capacity=1, **fields)
    await town.consent(parent.engagement, parent.person, capacity="volunteer")
    return parent


def _over(days: int) -> Json:
    return {"on": days_ago(days), "reason": "goals_reached"}


async def _tries(town: Town, caller: Caller, draft: str, helper: Mentor, guest: Guest) -> int:
    """A carrier's coordinator tries to read, and to decide about, what is another's; says how often."""
    asked = {"participation": guest.participation}
    answers = [
        await _as(town, caller, "GET", f"proposals/{draft}"),
        await _as(town, caller, "GET", "candidates", params=asked),
        await _as(town, caller, "GET", "why-not", params=asked | {"engagement": helper.engagement}),
        await _as(town, caller, "POST", f"proposals/{draft}:accept", {}),
    ]
    assert all(answer.status in OUT_OF_REACH for answer in answers)
    return len(answers)


async def _tries_the_round(town: Town, caller: Caller, held: str) -> int:
    """A round moves everybody of a programme: no single carrier holds or reads one."""
    answers = [
        await _as(town, caller, "POST", "rounds", {"programme": town.programme}),
        await _as(town, caller, "GET", f"rounds/{held}"),
        await _as(town, caller, "GET", f"rounds/{held}/instance"),
    ]
    assert all(answer.status in OUT_OF_REACH for answer in answers)
    return len(answers)


async def _as(town: Town, caller: Caller, method: str, path: str, body: Any = None, **options: Any) -> Answer:
    path = f"cities/{town.city}/{path}"
    return await town.client.call(caller, "matching", method, path, body, refused=OUT_OF_REACH, **options)


async def _city_sees_figures_only(town: Town, held: Json, draft: str, tandem: Json) -> None:
    office, fairness = city_office(town.city), f"rounds/{held['id']}/fairness"
    whole = await town.get("matching", fairness)
    languages = {row["value"]: (row["families"], row["matched"]) for row in whole["rates"]["language"]["groups"]}
    assert (whole["hidden"], languages["uk"], languages["ti"]) == (False, (5, 5), (1, 0))
    shown = await town.get("matching", fairness, caller=office)
    assert (shown["hidden"], shown["families"], shown["matched"], shown["order_violations"]) == (True, None, None, 0)
    assert shown["waiting_days"]["max"] is None
    groups = [row for part in shown["rates"].values() for row in part["groups"]]
    assert [row for row in groups if row["value"] in ("uk", "ti", *ROOMS) and row["families"] is not None] == []
    assert shown["without_candidate"] == {"language": None}
    gaps = await town.get("matching", "gaps", caller=office, programme=town.programme)
    assert [(row["language"], row["families"], row["topics"]) for row in gaps["language_gap"]] == [("ti", None, [])]
    two = {"engagement": tandem["engagement"], "participation": tandem["participation"]}
    one = {"participation": tandem["participation"]}
    listed = ("proposals", "waiting", "tandems", "rounds", "changes", "due", "pins")
    asked: dict[str, Json] = {path: {} for path in listed}
    asked |= {f"proposals/{draft}": {}, f"tandems/{tandem['id']}": {}, f"rounds/{held['id']}/instance": {}}
    asked |= {"candidates": one, "swap": one, "why-not": two}
    answers = {path: await _as(town, office, "GET", path, params=params) for path, params in asked.items()}
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(asked, 403)


def _denied(house: House, town: Town) -> int:
    """How many attempts the audit of matching has noted as refused."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(house.stack.mongo_url)
    try:
        return client[f"matching_{town.city}"]["audit"].count_documents({"outcome": "denied"})
    finally:
        client.close()


async def _refused_round(town: Town) -> bool:
    answer = await town.call("matching", "POST", "rounds", {"programme": town.programme}, refused=(404, 422))
    return answer.code == "outside-programme"


def _topics(proposal: Json) -> list[str]:
    """What a proposal says that the mentor can help with."""
    return [topic for reason in proposal["why"] for topic in reason.get("topics", [])]


async def _state(town: Town, proposal: str) -> str:
    return str((await town.get("matching", f"proposals/{proposal}"))["state"])
