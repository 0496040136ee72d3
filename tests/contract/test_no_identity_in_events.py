"""No event can say who somebody is: neither by a field's name nor by a field that would hold any text."""

import re
from collections.abc import Iterator

import pytest
from pydantic import Field, create_model

from shared.contracts import catalog
from shared.contracts.base import Contract, Id, Name
from shared.contracts.catalog import TOPICS, Topic
from shared.contracts.documents import free_texts, schema_of

# Names of what identifies or describes a person in her own or others' words, in both languages.
TELLING = re.compile(
    r"(^|_)(name|names|surname|vorname|nachname|firstname|lastname|alias|title|birth\w*|born|geburt\w*|age|alter|"
    r"address|adresse|anschrift|street|strasse|house|zip|postcode|plz|phone|telephone|telefon|mobile|handy|fax|"
    r"e?mail|contact|kontakt|note|notes|notiz|comment\w*|remark\w*|text|free_text|description|message|photo|"
    r"diagnosis|religion|origin|nationality|staat\w*|passport|iban|password)(_|$)"
)

# Whoever adds a line here says whose word it is and why it names nobody.
ALLOWED_NAMES = {
    ("CityV1", "name"): "the city's",
    ("District", "name"): "the district's",
    ("SocialSpace", "name"): "the social space's",
    ("SiteV1", "name"): "the site's",
    ("OrganisationV1", "name"): "an organisation's, of the public directory",
    ("ProgrammeV1", "name"): "the programme's; a neutral one where the telling name is sealed",
    ("CohortV1", "name"): "the cohort's, such as a year",
    ("Module", "title"): "a part of a curriculum",
    ("ProgrammeV1", "origin"): "where the programme comes from, not a person",
    ("ConsentV1", "text"): "the code of the text that was agreed to; its form is a code's",
    ("ConsentV1", "text_version"): "a number",
    ("ConsentV1", "text_language"): "a language tag",
}
ALLOWED_TEXTS = {
    ("CityV1", "name"), ("CityV1", "state"), ("CityV1", "licence"), ("District", "name"), ("SiteV1", "name"),
    ("OrganisationV1", "name"), ("OrganisationV1", "services"), ("OrganisationV1", "supervisory_authority"),
    ("ProgrammeV1", "name"), ("ProgrammeV1", "origin"),
    ("ProgrammeV1", "framework"), ("ProgrammeV1", "funders"), ("CohortV1", "name"), ("Module", "title"),
    ("Module", "partner"), ("SocialSpace", "name"), ("Terms", "funders"),
    # What the issuer of the tokens calls a token and its owner: opaque here, and read by replicas into memory only.
    ("RevocationV1", "token"), ("RevocationV1", "subject"),
}  # fmt: skip


def fields(topic: Topic) -> Iterator[tuple[str, str]]:
    schema = schema_of(topic)
    for contract, part in {**schema.get("$defs", {}), schema["title"]: schema}.items():
        for field in part["properties"]:
            yield contract, field


def telling(topics: tuple[Topic, ...]) -> set[tuple[str, str]]:
    return {place for topic in topics for place in fields(topic) if TELLING.search(place[1])}


def texts(topics: tuple[Topic, ...]) -> set[tuple[str, str]]:
    return {place for topic in topics for place in free_texts(schema_of(topic))}


def test_no_field_of_an_event_is_named_like_what_identifies_a_person() -> None:
    assert telling(TOPICS) - set(ALLOWED_NAMES) == set()


def test_no_field_of_an_event_can_hold_any_text_but_public_names() -> None:
    assert texts(TOPICS) - ALLOWED_TEXTS == set()


def test_no_exception_is_kept_that_nobody_needs() -> None:
    assert set(ALLOWED_NAMES) == telling(TOPICS)
    assert texts(TOPICS) == ALLOWED_TEXTS


@pytest.mark.parametrize("field", ["family_name", "birth_date", "street", "phone", "email", "note", "free_text"])
def test_rule_sees_a_field_that_tells(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    contract: type[Contract] = create_model("PersonV1", __base__=Contract, **{field: (Name, ...)})  # type: ignore[call-overload]
    monkeypatch.setattr("shared.contracts.documents.meaning", lambda *_: "any")
    topic = catalog.Topic("registry.persons.v1", contract, ())
    assert telling((topic,)) == {("PersonV1", field)}
    assert texts((topic,)) == {("PersonV1", field)}


def test_rule_sees_a_text_inside_a_list_of_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Part(Contract):
        words: tuple[str, ...] = Field(default=())

    class PersonV1(Contract):
        id: Id
        parts: tuple[Part, ...] = ()

    monkeypatch.setattr("shared.contracts.documents.meaning", lambda *_: "any")
    assert texts((catalog.Topic("registry.persons.v1", PersonV1, ()),)) == {("Part", "words")}
