"""Search tokens: who is found at which level, what is stored, and what is evidence of a duplicate."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.duplicates import entered, strength
from services.registry.domain.search import birthday_of, level_of, tokens_of, wanted

KEY, OTHER = b"k" * 32, b"x" * 32
LETTERS = st.text("abcdefghijklmnopqrstuvwxyzäöüßéюлия", min_size=1, max_size=10)


def stored(name: str, key: bytes = KEY, **more: Any) -> frozenset[bytes]:
    return frozenset(tokens_of(key, {"as_documented": name, **more}))


def level(query: str, tokens: frozenset[bytes], key: bytes = KEY) -> str | None:
    return level_of(wanted(key, query), tokens)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Юлія", "exact"),
        ("приклад юлія", "exact"),
        ("Julia", "similar"),
        ("Yuliia Pryklad", "similar"),
        ("Юлиа", "similar"),
        ("Jul", "sound"),
        ("Ella", "sound"),
        ("Юліана", "start"),
        ("Pry", "start"),
        ("Olga", None),
        ("Юлія Beispiel", None),
    ],
)
def test_levels_of_a_name_in_her_own_script(query: str, expected: str | None) -> None:
    assert level(query, stored("Юлія Приклад")) == expected


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("Anna-Lena Beispiel", "Annalena", "exact"),
        ("Annalena Beispiel", "Anna-Lena", "exact"),
        ("Anna-Lena Beispiel", "Lena", "exact"),
        ("Gül Müller", "mueller", "exact"),
        ("Maier Beispiel", "Meyer", "sound"),
        ("Schmidt Beispiel", "Schmitt", "similar"),
        ("Mohammed Beispiel", "محمد", "similar"),
        ("Al-Hassan Beispiel", "hassan", "exact"),
        ("Li Beispiel", "Li", "exact"),
        ("Marén Beispiel", "Maren", "exact"),
    ],
)
def test_levels_of_other_names(name: str, query: str, expected: str) -> None:
    assert level(query, stored(name)) == expected


def test_every_name_of_a_person_finds_her() -> None:
    more: dict[str, Any] = {"call_name": "Nari", "own_script": "Канарейка", "variants": ["Gelbfink"]}
    tokens = stored("Kanarina Beispiel", **more)
    assert {level(name, tokens) for name in ("Kanarina", "Nari", "Канарейка", "Gelbfink")} == {"exact"}


@given(LETTERS, LETTERS)
def test_whoever_is_stored_is_found_by_her_own_name_in_any_order_and_in_her_city_only(one: str, other: str) -> None:
    tokens = stored(f"{one} {other}")
    assert level(f"{other.upper()} {one}", tokens) == "exact"
    assert tokens.isdisjoint(stored(f"{one} {other}", OTHER))
    assert {len(token) for token in tokens} == {10}


def test_tokens_are_sorted_and_few_however_long_the_names_are() -> None:
    many = [f"Beispiel{chr(97 + one)}{chr(97 + other)} Muster" for one in range(10) for other in range(20)]
    tokens = tokens_of(KEY, {"as_documented": "Anna Beispiel", "variants": many})
    assert list(tokens) == sorted(set(tokens))
    assert len(tokens) < 400


@pytest.mark.parametrize(
    ("born", "counts"),
    [("1990-05-17", True), ("1990-01-01", False), ("1990-01-02", True), ("1990-05", False), ("1990", False),
     ("1990-05-17?", False), ("1990-01-01~", False), (None, False)],
)  # fmt: skip
def test_birthday_counts_where_it_is_a_certain_day_and_not_new_year(born: str | None, counts: bool) -> None:
    identity = {"as_documented": "Anna Beispiel", "birth_date": born}
    assert birthday_of(identity) == (born if counts else None)
    assert (len(tokens_of(KEY, identity)) > len(stored("Anna Beispiel"))) == counts


def test_birthday_alone_makes_no_token_that_others_have() -> None:
    one, other = (stored(name, birth_date="1990-05-17") for name in ("Anna Muster", "Oksana Beispiel"))
    assert one.isdisjoint(other)


def reasons(name: str, other: str, born: str | None = None, also_born: str | None = None) -> tuple[str, ...]:
    tokens = stored(other, birth_date=also_born)
    return entered(KEY, {"as_documented": name, "birth_date": born}).reasons(tokens)


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("Julia Beispiel", "Beispiel Julia", ("same_name",)),
        ("Julia Beispiel", "Юлія Бейспіль", ("similar_name",)),
        ("Yuliia Müller", "Julia Mueller", ("similar_name",)),
        ("Mohammed Ali Beispiel", "Muhammad Beispiel", ("part_of_name",)),
        ("Maren Beispiel", "Marén Beispiel", ("same_name",)),
        ("Julia Beispiel", "Oksana Beispiel", ()),
        ("Ali Beispiel", "Ella Beispiel", ()),
        ("Anna Muster", "Olga Beispiel", ()),
    ],
)
def test_names_are_evidence(name: str, other: str, expected: tuple[str, ...]) -> None:
    assert reasons(name, other) == expected


def test_equal_birthday_strengthens_and_new_year_does_not() -> None:
    day, new_year = "1990-05-17", "1990-01-01"
    assert reasons("Julia Beispiel", "Julia Beispiel", day, day) == ("same_name", "same_birthday")
    assert reasons("Julia Beispiel", "Oksana Beispiel", day, day) == ("part_of_name", "same_birthday")
    assert reasons("Julia Beispiel", "Olga Muster", day, day) == ()
    assert reasons("Julia Beispiel", "Julia Beispiel", new_year, new_year) == ("same_name",)
    assert reasons("Julia Beispiel", "Oksana Beispiel", new_year, new_year) == ()
    assert reasons("Julia Beispiel", "Julia Beispiel", day, "1990-05-18") == ("same_name",)


def test_first_name_in_another_script_is_no_evidence_and_a_whole_name_is() -> None:
    identity = {"as_documented": "Yuliia Pryklad", "own_script": "Юлія", "variants": ["Julia Muster"]}
    assert entered(KEY, identity).reasons(stored("Julia Beispiel")) == ()
    assert entered(KEY, identity).reasons(stored("Julia Muster")) == ("same_name",)


def test_what_the_database_is_asked_for_misses_nobody_who_is_evident() -> None:
    asked = entered(KEY, {"as_documented": "Julia Anna Beispiel", "birth_date": "1990-05-17"})
    for other in ("Юлія Beispiel", "Anna Beispiel", "Julia Anna Beispiel"):
        tokens = stored(other)
        assert any(all(not tokens.isdisjoint(one) for one in needed) for needed in asked.needed), other
    assert entered(KEY, {"as_documented": "?!"}).needed == []


def test_an_equal_birthday_is_stronger_than_an_equal_name() -> None:
    found = [("same_name",), ("part_of_name", "same_birthday"), ("similar_name", "same_birthday"), ("similar_name",)]
    assert sorted(found, key=strength) == [found[2], found[1], found[0], found[3]]
