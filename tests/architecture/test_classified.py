"""Every field of a model that is kept or told is classified, and events carry nothing of anybody but random ids."""

import importlib
import pkgutil
from dataclasses import dataclass, is_dataclass
from typing import Any, Final

import pytest

from deploy.documents import services, unconnected_app
from deploy.tables import field_names, permissions, published, routes_by_permission, stored
from shared.contracts.base import Contract, Id
from shared.contracts.catalog import TOPICS
from shared.contracts.documents import schema_of
from shared.kernel.classified import Sensitivity, classified, sensitivities
from shared.kernel.people import PersonName
from tests.architecture.source import SERVICES

PSEUDONYM: Final = "a random id: what it leads to is sealed in registry, and gone after an erasure"
TOKEN: Final = "80 bits under the city's key, told only while two consents stand"
ISSUED: Final = "what the issuer of the tokens calls a token and its owner: opaque here, read into memory only"
# Whoever adds a line says why it leads nobody to a human being.
IN_EVENTS: Final = {
    ("AttendanceV1", "engagement"): PSEUDONYM,
    ("ConsentV1", "subject"): PSEUDONYM,
    ("EngagementV1", "excluded"): PSEUDONYM,
    ("EngagementV1", "id"): PSEUDONYM,
    ("EngagementV1", "person"): PSEUDONYM,
    ("EngagementV1", "special"): TOKEN,
    ("Envelope", "subject"): PSEUDONYM,
    ("ErasureV1", "also"): PSEUDONYM,
    ("ErasureV1", "subject"): PSEUDONYM,
    ("FamilyV1", "id"): PSEUDONYM,
    ("Headers", "subject"): PSEUDONYM,
    ("OutcomeV1", "engagement"): PSEUDONYM,
    ("OutcomeV1", "participation"): PSEUDONYM,
    ("ParticipationV1", "excluded"): PSEUDONYM,
    ("ParticipationV1", "family"): PSEUDONYM,
    ("ParticipationV1", "id"): PSEUDONYM,
    ("ParticipationV1", "person"): PSEUDONYM,
    ("ParticipationV1", "special"): TOKEN,
    ("PersonV1", "id"): PSEUDONYM,
    ("ProposalV1", "engagement"): PSEUDONYM,
    ("ProposalV1", "participation"): PSEUDONYM,
    ("RequestV1", "engagement"): PSEUDONYM,
    ("RequestV1", "participation"): PSEUDONYM,
    ("RevocationV1", "subject"): ISSUED,
    ("RevocationV1", "token"): ISSUED,
    ("TandemV1", "engagement"): PSEUDONYM,
    ("TandemV1", "participation"): PSEUDONYM,
    ("VisitV1", "engagement"): PSEUDONYM,
    ("VisitV1", "participation"): PSEUDONYM,
    ("WaitingV1", "participation"): PSEUDONYM,
}
FORMS: Final = {PSEUDONYM: "^[a-z]{3}_", TOKEN: "^[0-9a-hjkmnp-tv-z]{16}$"}
"""How the pattern of such a field begins, so that it can hold nothing else."""


def unclassified(models: list[type[Any]]) -> list[str]:
    named = [(model, name) for model in models for name in field_names(model)]
    return [f"{model.__name__}.{name}" for model, name in named if name not in sensitivities(model)]


def confidential(models: list[type[Any]]) -> set[tuple[str, str]]:
    return {
        (model.__name__, name)
        for model in models
        for name, sensitivity in sensitivities(model).items()
        if sensitivity in (Sensitivity.PERSONAL, Sensitivity.SPECIAL)
    }


def domain_of(service: str) -> list[type[Any]]:
    package = importlib.import_module(f"services.{service}.domain")
    names = [one.name for one in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    modules = map(importlib.import_module, names)
    return [
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and is_dataclass(one) and one.__module__ == module.__name__
    ]


def test_every_field_of_an_event_is_classified() -> None:
    assert unclassified(published()) == []
    assert len(published()) > 40


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_that_is_kept_is_classified(service: str) -> None:
    assert unclassified(stored(service)) == []
    assert stored(service)


def test_every_model_of_registry_and_a_persons_name_are_classified() -> None:
    assert unclassified([*domain_of("registry"), PersonName]) == []
    assert set(sensitivities(PersonName).values()) == {Sensitivity.PERSONAL}


def test_nothing_personal_or_special_is_in_an_event_but_what_is_listed() -> None:
    assert confidential(published()) == set(IN_EVENTS)


def test_what_is_listed_can_hold_nothing_but_an_id_or_a_token() -> None:
    for topic in TOPICS:
        properties = schema_of(topic)["properties"]
        for field, form in properties.items():
            reason = IN_EVENTS.get((topic.contract.__name__, field), "")
            if reason in FORMS:
                assert {pattern[: len(FORMS[reason])] for pattern in _patterns(form)} == {FORMS[reason]}, (topic, field)


def test_what_is_sealed_is_personal_or_special() -> None:
    sealed = {"identity", "household", "where", "ways", "note", "sealed"}
    found = {
        name: sensitivities(model)[name]
        for service in SERVICES
        for model in stored(service)
        for name in field_names(model)
        if name in sealed
    }
    assert set(found) == sealed
    assert set(found.values()) <= {Sensitivity.PERSONAL, Sensitivity.SPECIAL}


@pytest.mark.parametrize("service", SERVICES)
def test_every_permission_is_needed_by_a_route(service: str) -> None:
    routes = routes_by_permission(unconnected_app(services()[service]).openapi())
    assert {one.code for one in permissions(service)} == set(routes)


def test_rule_sees_a_field_that_nobody_classified_and_one_that_tells() -> None:
    @classified(personal="name")
    @dataclass(frozen=True, slots=True)
    class Known:
        name: str
        street: str

    @classified(internal="version")
    @dataclass(frozen=True, slots=True)
    class Heir(Known):
        version: int = 0

    @classified(personal="person")
    class ThingV1(Contract):
        person: Id

    assert unclassified([Known, Heir]) == ["Known.street", "Heir.street"]
    assert confidential([Heir, ThingV1]) == {("Heir", "name"), ("ThingV1", "person")}


@pytest.mark.parametrize("names", ["name name", "name nane"])
def test_name_that_is_twice_there_or_no_field_is_refused(names: str) -> None:
    @dataclass(frozen=True, slots=True)
    class Known:
        name: str

    with pytest.raises(TypeError, match="Known"):
        classified(public=names)(Known)


def _patterns(form: Any) -> list[str]:
    if isinstance(form, dict):
        own = [form["pattern"]] if "pattern" in form else []
        return own + [pattern for part in form.values() for pattern in _patterns(part)]
    return [pattern for part in form for pattern in _patterns(part)] if isinstance(form, list) else []
