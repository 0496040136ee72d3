"""P1, Stadtteilmütter: who may be proposed to whom, what is missing, and how a pair comes together and parts."""

from typing import Any, Final

from deploy.demo.client import Client
from shared.testing.waiting import eventually
from tests.end_to_end.matching import act, by_hand, held_round, outcome, pair, proposal_of, reasons_of, why_not
from tests.end_to_end.town import Json, Mentor, Place, Town, days_ago, together

TAUGHT: Final = ("education", "violence", "communication", "health", "resilience", "family")
MODULES: Final = tuple({"code": code, "title": code.title(), "topics": [code]} for code in TAUGHT)
LAST: Final = TAUGHT[-1]
PERSIAN: Final[Json] = {"languages": {"fa": "native", "de": "A2"}, "district": "lichtenhagen"}
HERE: Final = ("fa", "lichtenhagen")


async def test_persian_in_lichtenhagen_needs_a_qualified_mother_who_speaks_it_or_is_a_gap(client: Client) -> None:
    town = Town(client, "lichterhafen", days_ago(300), MODULES)
    town.districts, town.places = ("schmarl", "lichtenhagen"), (Place("kifaz", "schmarl", "awo"),)
    await town.build(topics=list(TAUGHT))
    cohort = await _opened(town)

    # Four mothers join. Parwin's Persian is a beginner's; Daria misses the last of the six modules.
    amina = await _mother(town, cohort, "Amina Beispiel", {"ar": "native", "de": "C1"}, reach=["schmarl"])
    shirin = await _mother(town, cohort, "Shirin Beispiel", {"fa": "native", "de": "B2"}, capacity=1)
    parwin = await _mother(town, cohort, "Parwin Beispiel", {"ar": "native", "fa": "A2"}, reach=["lichtenhagen"])
    daria = await _mother(town, cohort, "Daria Beispiel", {"fa": "B1", "de": "B2"}, certified=False)

    # Families ask for help. Nobody speaks Tigrinya; the one that speaks Persian is proposed Shirin, and nobody else.
    hadi = await town.family("Hadi Beispiel")
    nilufar = await town.family("Nilufar Beispiel", **PERSIAN)
    selam = await town.family("Selam Beispiel", languages={"ti": "native"})
    held = await held_round(town, {pair(amina, hadi), pair(shirin, nilufar)}, waiting=[selam], unavailable=[daria])
    assert _said((await why_not(town, parwin, nilufar))["reason"]) == {
        "rule": "language",
        "needed": "B1",
        "language": "fa",
        "has": "A2",
    }

    # With five of six modules Daria is nobody's, not even by hand, and it is said which one is missing.
    (told,) = held["unavailable"]
    assert _said(told) == {"engagement": daria.engagement, "rule": "qualification", "modules": [LAST]}
    refused = await by_hand(town, daria, nilufar, days_ago(0))
    assert (refused.status, refused.code, refused.json["params"]["modules"]) == (422, "qualification", [LAST])
    told = (await why_not(town, daria, nilufar))["reason"]
    assert told["sentence"] == f"The qualification is not complete; missing: {LAST}."

    # Shirin has her family. Another one comes that speaks Persian: it waits, and the gap grows by exactly that one.
    await act(town, f"proposals/{proposal_of(held, shirin, nilufar)['id']}", "accept")
    await held_round(town, {pair(amina, hadi)}, waiting=[selam], unavailable=[daria])
    before, reported = await _gaps(town), {("ti", "schmarl"): 1}
    await eventually(lambda: _reported(town), until=lambda now: now == reported, within=30)
    roya = await town.family("Roya Beispiel", **PERSIAN)
    held = await held_round(town, {pair(amina, hadi)}, waiting=[roya, selam], unavailable=[daria])
    assert reasons_of(held, roya) == {"language": 2, "qualification": 1, "capacity": 1}
    gap = {"language": "fa", "district": "lichtenhagen", "families": 1, "full": 1, "unavailable": 1}
    assert await _gaps(town) == [gap | {"topics": [{"topic": "health", "families": 1}]}, *before]
    await eventually(lambda: _reported(town), until=lambda now: now == reported | {HERE: 1}, within=30)

    # What would close it is said: the last module, for one who speaks Persian. She attends it, and her case is due.
    (training,) = (await town.get("matching", "gaps", programme=town.programme))["training"]
    assert (training["modules"], training["language"], training["mentors"], training["families"]) == (
        [LAST],
        "fa",
        1,
        1,
    )
    await _attends(town, cohort, daria, LAST)
    due = [(row["kind"], row["subject"]) for row in (await town.get("registry", "due"))["items"]]
    assert ("certification", daria.engagement) in due
    await town.post("registry", f"engagements/{daria.engagement}:certify", {"on": days_ago(1)})
    await held_round(town, {pair(amina, hadi), pair(daria, roya)}, waiting=[selam])
    assert await _gaps(town) == before
    await eventually(lambda: _reported(town), until=lambda now: now == reported, within=30)


async def test_pair_is_told_meets_is_tried_and_ends_and_one_that_said_no_is_not_asked_again(client: Client) -> None:
    town = Town(client, "paarhafen", days_ago(300))
    await town.build()
    amina, bahar = await _sole(town, "Amina Beispiel", slots=["wed-pm"]), await _sole(town, "Bahar Beispiel")
    hadi = await town.family("Hadi Beispiel", waiting_since=days_ago(200))
    lina = await town.family("Lina Beispiel", waiting_since=days_ago(150), slots=["mon-am"])
    omar = await town.family("Omar Beispiel", waiting_since=days_ago(10))

    # Two places for three families: whoever has waited longest comes first. Why not Omar? It can be computed.
    held = await held_round(town, {pair(amina, hadi), pair(bahar, lina)}, waiting=[omar])
    told = await why_not(town, amina, omar, round=held["id"])
    assert _said(told["reason"]) == {"rule": "needed-by-longer-waiting"}
    proof, prices = told["proof"], held["certificate"]["prices"]
    assert proof["family_price"] == prices["families"][omar.participation]
    assert proof["mentor_price"] == prices["mentors"][amina.engagement]
    assert proof["weight"] == proof["unit"] * proof["rank"] + proof["fit"]
    assert proof["gap"] == proof["family_price"] + proof["mentor_price"] - proof["weight"]
    assert 0 <= proof["gap"] <= told["costs"] != 0
    assert not {hadi.participation, hadi.family, lina.participation} & set(str(told).split("'"))

    # Both pairs are told. From now on no round moves them, though nobody has begun.
    first, second = (f"proposals/{proposal_of(held, *both)['id']}" for both in ((amina, hadi), (bahar, lina)))
    for path in (first, second):
        assert (await act(town, path, "propose"))["state"] == "proposed"
    await held_round(town, (), waiting=[omar])

    # Amina and Hadi say yes, one after the other: without both answers there is no tandem.
    await act(town, first, "answer", {"side": "family", "answer": "yes"})
    early = await town.call("matching", "POST", f"{first}:accept", {"date": days_ago(100)}, refused=(422,))
    assert [one["pointer"] for one in early.json["errors"]] == ["/answers/mentor"]
    await act(town, first, "answer", {"side": "mentor", "answer": "yes"})
    tandem = await act(town, first, "accept", {"date": days_ago(100)})
    assert (tandem["phase"], tandem["running"]) == ("introduction", True)

    # Lina says no to Bahar: there is no common time. The two are not brought together again, by nobody.
    no = await act(town, second, "answer", {"side": "family", "answer": "no", "reason": "no_common_time"})
    assert (no["state"], no["side"], no["because"]) == ("rejected", "family", "no_common_time")
    assert no["until"] > days_ago(0)
    held = await held_round(town, {pair(bahar, omar)}, waiting=[lina])
    assert reasons_of(held, lina) == {"exclusion": 1, "availability": 1}
    assert (await by_hand(town, bahar, lina, days_ago(0))).code == "exclusion"

    # The first meeting went well. The trial is over for long: its review is due, and they go on for good.
    path = f"tandems/{tandem['id']}"
    tandem = await act(town, path, "try", {"on": days_ago(95)}, tandem["version"])
    (due,) = [row for row in (await town.get("matching", "due"))["items"] if row["kind"] == "trial-review"]
    assert (due["subject"], due["due_at"]) == (tandem["id"], tandem["review_on"])
    tandem = await act(town, path, "activate", {"on": days_ago(35), "signed_on": days_ago(35)}, tandem["version"])
    assert (tandem["phase"], tandem["signed_on"]) == ("active", days_ago(35))

    # Hadi's family moves away. It is kept whose reason it was, and what the way was; Amina has a place again.
    end = {"on": days_ago(1), "reason": "moved_away", "side": "family"}
    tandem = await act(town, path, "end", end, tandem["version"])
    assert (tandem["phase"], tandem["ended_because"], tandem["side"]) == ("ended", "moved_away", "family")
    assert [step["phase"] for step in tandem["steps"]] == ["introduction", "trial", "active"]
    await town.post("registry", f"participations/{hadi.participation}:end", {"on": days_ago(1), "reason": "moved_away"})
    held = await held_round(town, {pair(bahar, omar)}, waiting=[lina])
    assert pair(bahar, lina) not in outcome(held)[0]
    await town.figures_with(tandems=1)


async def _opened(town: Town) -> str:
    body = {"programme": town.programme, "name": "Qualifizierung", "opened_on": town.begin}
    return str((await town.post("registry", "cohorts", body))["id"])


async def _mother(
    town: Town, cohort: str, name: str, languages: dict[str, str], *, certified: bool = True, **fields: Any
) -> Mentor:
    """A mother of the cohort with all six modules and her certificate, or with five and without it."""
    needed = {"cohort": cohort, "languages": languages, "topics": list(TAUGHT), **fields}
    mother = await town.mentor(name, **needed)
    await together([_attends(town, cohort, mother, module) for module in (TAUGHT if certified else TAUGHT[:-1])])
    if certified:
        await town.post("registry", f"engagements/{mother.engagement}:certify", {"on": days_ago(30)})
    return mother


async def _attends(town: Town, cohort: str, mother: Mentor, module: str) -> None:
    body = {"cohort": cohort, "engagement": mother.engagement, "module": module, "date": days_ago(60)}
    await town.post("registry", "attendances", body | {"state": "present", "minutes": 180})


async def _sole(town: Town, name: str, **fields: Any) -> Mentor:
    """A mother with one place; without modules in the programme she needs no certificate."""
    return await town.mentor(name, capacity=1, **fields)


async def _gaps(town: Town) -> list[Json]:
    """The language gap of the last round, without its sentences."""
    found = await town.get("matching", "gaps", programme=town.programme)
    return [{name: value for name, value in row.items() if name != "sentence"} for row in found["language_gap"]]


async def _reported(town: Town) -> dict[tuple[str, str], int]:
    """The same in the figures, by language and district."""
    found = await town.figures_with()
    return {(row["language"], row["district"]): row["families"] for row in found["language_gap"]}


def _said(reason: Json) -> Json:
    """A reason without its words."""
    return {name: value for name, value in reason.items() if name not in ("title", "sentence")}
