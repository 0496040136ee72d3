"""Nothing that tells of a person, and nothing special, is readable anywhere: not in stores, events, logs or metrics."""

from typing import Any, Final

from deploy.demo.client import Caller, Client, UnexpectedAnswerError, city_office, mentor
from shared.testing.waiting import eventually
from tests.end_to_end.conftest import House
from tests.end_to_end.town import Town
from tests.end_to_end.traces import found_in

IDENTITY: Final[dict[str, Any]] = {
    "as_documented": "Kanarina Zitronengelb",
    "call_name": "Nariflöte",
    "own_script": "Канарейка Жёлтая",
    "variants": ["Kanarinetta Gelbfink"],
    "telephone": "+49 381 7766554433",
    "messenger": "@kanarivogel",
}
ADDRESS: Final = "Vogelbauerstraße 17b, Klingel Zitrone"
NOTE: Final = "Die Tochter wünscht sich ein Wellensittichbuch"
TELLING: Final = "Hilfe bei Spatzenwahn"
SPECIAL: Final = "spatzenwahn_beratung"
NEUTRAL: Final = "programm-sieben"
TITLE: Final = "Bericht über den Spatzenwahn"
SECRETS: Final = (*[value for value in IDENTITY.values() if isinstance(value, str)], "Gelbfink", ADDRESS, NOTE)
HIDDEN: Final = (TELLING, SPECIAL, "Spatzenwahn", TITLE)


async def test_no_trace_of_persons_and_special_categories(house: House, client: Client) -> None:
    town = Town(client, "vogelau", programme=NEUTRAL)
    await town.build(
        name="Programm Sieben",
        topics=["education", "health", SPECIAL],
        special=True,
        telling_name=TELLING,
        special_topics=[SPECIAL],
    )
    person, family = await _registered(town)
    helper = await town.mentor("Wanda Beispiel", topics=["health", SPECIAL])
    await town.consent(helper.person, helper.person, "matching")
    await town.consent(helper.person, helper.person, "special_category")
    body = {"family": family, "programme": NEUTRAL, "date": town.begin, "site": "kifaz", "topics": ["health", SPECIAL]}
    participation = (await town.post("registry", "participations", body | {"slots": ["wed-pm"]}))["id"]

    tandem = await _matched(town, participation)
    visit = await town.visit(helper, tandem, note=NOTE, topics=["health"])
    await _handled(town, person, visit["id"], mentor(town.city, helper.person))
    await _refused(town)
    await town.figures_with(visits=1)
    printed = await town.call("reporting", "POST", f"programmes/{NEUTRAL}/report:write", {"title": TITLE})
    assert TITLE in printed.content.decode()

    found = found_in(house, *SECRETS, *HIDDEN, participation)
    told = found.pop(participation)
    assert "registry_vogelau.participations" in told
    assert [place for place in told if "registry.participations.v1" in place]
    assert found == {text: [] for text in (*SECRETS, *HIDDEN)}
    names = await town.post("registry", "people:names", {"ids": [person]})
    assert list(names["names"].values()) == [IDENTITY["call_name"]] or IDENTITY["as_documented"] in str(names)


async def _registered(town: Town) -> tuple[str, str]:
    """A person with everything that identifies her, in a family with an address; all consents are given."""
    person = str((await town.post("registry", "people", IDENTITY))["id"])
    household: dict[str, Any] = {"persons": [person], "district": "nordufer", "languages": {"ar": "native"}}
    family = str((await town.post("registry", "families", household))["id"])
    street, _, door = ADDRESS.partition(", ")
    flat = {"street": street, "door": door}
    await town.post("registry", "contacts", {"subject": family, "flats": [flat], "letters": {"to": ADDRESS}})
    for purpose in ("matching", "special_category"):
        await town.consent(family, person, purpose)
    return person, family


async def _matched(town: Town, participation: str) -> str:
    """The tandem that a round proposes, special topic and all: matching works with tokens."""
    proposals: list[dict[str, Any]] = []

    async def proposed() -> bool:
        answer = await town.call("matching", "POST", "rounds", {"programme": NEUTRAL}, refused=(404, 409, 503))
        if answer.status == 201:
            listed = await town.get("matching", f"proposals?round={answer.json['id']}")
            proposals[:] = [row for row in listed["items"] if row["participation"] == participation]
        return bool(proposals)

    await eventually(proposed, within=40, every=0.5)
    accepted = await town.post("matching", f"proposals/{proposals[0]['id']}:accept", {"date": town.begin})
    return str(accepted["id"])


async def _handled(town: Town, person: str, visit: str, caller: Caller) -> None:
    """What is sealed is opened by those who may, which is written down as ids."""
    opened = await town.get("registry", f"people/{person}", purpose="contact")
    assert IDENTITY["telephone"] in str(opened)
    note = await town.client.get(caller, "visits", f"cities/{town.city}/visits/{visit}/note", purpose="preparation")
    assert NOTE in str(note)
    sealed = await town.get("registry", f"programmes/{NEUTRAL}/sealed", purpose="report")
    assert TELLING in str(sealed)


async def _refused(town: Town) -> None:
    """Errors repeat nothing of what was sent, and log nothing of it."""
    wrong = IDENTITY | {"birth_year": IDENTITY["as_documented"], NOTE: 1}
    answer = await town.call("registry", "POST", "people", wrong, refused=(422,))
    assert IDENTITY["as_documented"] not in answer.content.decode()
    for method, path in (("GET", f"people/{IDENTITY['telephone']}"), ("GET", "people?name=Zitronengelb")):
        try:
            await town.client.call(
                city_office(town.city), "registry", method, f"cities/{town.city}/{path}", refused=(403, 404, 405, 422)
            )
        except UnexpectedAnswerError as fault:
            raise AssertionError(path) from fault
