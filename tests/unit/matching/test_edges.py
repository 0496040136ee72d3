"""Pairs and points found by words of bits, plain and compiled, are those that loops over dictionaries find."""

import random
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain.instance import SLOTS
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy, Weights
from services.matching.domain.rules import RULES, MentorSets, failing_one, first_failed, places_mask
from services.matching.solver import columns_of, count_waiting, edges, find_edges, kernel
from services.matching.solver.columns import TONGUES
from tests.unit.matching.build import family, instance, mentor
from tests.unit.matching.oracle import edges_of

LEVELS = ("A2", "B1", "B2", "C1", "C2", "native")
MANY_TOPICS = tuple(f"t{number}" for number in range(70))
MANY_LANGUAGES = tuple(f"l{number}" for number in range(2 * TONGUES + 5))
Row = dict[str, Any]

SEEDS, SIZES = st.integers(0, 1 << 32), st.integers(0, 90)


class Wide:
    """Draws what words of 64 bits could get wrong: many values, none at all, people without any language."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        few = self.draw.random() < 0.5
        self.topics = MANY_TOPICS[-3:] if few else MANY_TOPICS
        self.languages = MANY_LANGUAGES[-2:] if few else MANY_LANGUAGES

    def some(self, values: tuple[str, ...], share: float) -> list[str]:
        return [value for value in values if self.draw.random() < share]

    def spoken(self, share: float) -> Row:
        return {tag: self.draw.choice(LEVELS) for tag in self.some(self.languages, self.draw.choice((0.0, share)))}

    def said(self, key: str) -> Row:
        return {key: self.draw.choice("fmx")} if self.draw.random() < 0.3 else {}

    def ids(self, prefix: str, count: int) -> list[str]:
        return [f"{prefix}{self.draw.randrange(count)}"] if count and self.draw.random() < 0.2 else []

    def mentor(self, number: int, families: int) -> Row:
        return mentor(
            f"m{number}",
            languages=self.spoken(0.6),
            districts=self.some(("a", "b", "c"), 0.7),
            topics=self.some(self.topics, 0.9),
            qualified=self.some(self.topics, 0.9),
            slots=self.some(SLOTS, 0.3),
            capacity=self.draw.choice([0, 1, 3]),
            gender=self.draw.choice("fmd"),
            excluded_families=self.ids("f", families),
            **self.said("gender_wish"),
        )

    def family(self, number: int, mentors: int) -> Row:
        return family(
            f"f{number}",
            languages=self.spoken(0.3),
            district=self.draw.choice("abc"),
            topics=self.some(self.topics, 0.02),
            slots=self.some(SLOTS, 0.3),
            wishes=self.some(self.topics, self.draw.choice((0.0, 0.1, 0.9))),
            not_wished=self.some(self.languages, 0.05),
            interpreter=self.draw.random() < 0.3,
            consent=self.draw.random() < 0.9,
            excluded_mentors=[*self.ids("m", mentors), "gone"],
            **self.said("gender_wish"),
            **self.said("gender"),
        )


def wide_instance(seed: int, mentors: int = 90, families: int = 80) -> Row:
    wide = Wide(seed)
    helpers = [wide.mentor(number, families) for number in range(mentors)]
    waiting = [wide.family(number, mentors) for number in range(families)]
    drafts = [[f"m{wide.draw.randrange(mentors)}", f"f{number}"] for number in range(families if mentors else 0)]
    able = [row["id"] for row in helpers if row["capacity"]]
    frozen = [[wide.draw.choice(able), "f0"]] if able and waiting and wide.draw.random() < 0.3 else []
    return instance(helpers, waiting, drafts=drafts, frozen=frozen)


def found(data: Row, compiled: bool) -> dict[tuple[str, str], int]:
    read = read_instance(data)
    open_families = read.open_families()
    mentors = {one.id: number for number, one in enumerate(read.mentors)}
    families = {one.id: number for number, one in enumerate(open_families)}
    drafts = [(mentors[one], families[other]) for one, other in read.drafts if other in families]
    answer = find_edges(columns_of(read), read.free_places(), drafts, Policy().weights, compiled)
    pairs = list(zip(answer.mentors.tolist(), answer.families.tolist(), strict=True))
    assert pairs == sorted(pairs)
    points = dict(zip(pairs, answer.fits.tolist(), strict=True))
    return {(read.mentors[one].id, open_families[other].id): fit for (one, other), fit in points.items()}


@settings(max_examples=60, deadline=None)
@given(SEEDS, SIZES, SIZES)
def test_words_plain_and_compiled_and_loops_over_dictionaries_find_the_same(
    seed: int, mentors: int, families: int
) -> None:
    data = wide_instance(seed, mentors, families)
    expected = edges_of(data)
    assert found(data, compiled=False) == expected
    assert found(data, compiled=True) == expected


@settings(max_examples=30, deadline=None)
@given(SEEDS, SIZES, SIZES)
def test_words_count_the_reasons_of_those_who_wait_as_sets_do(seed: int, mentors: int, waiting: int) -> None:
    read = read_instance(wide_instance(seed, mentors, waiting))
    families, left = read.open_families(), [(0, 1, 1 << 70)[(seed + number) % 3] for number in range(mentors)]
    counted = count_waiting(columns_of(read), range(len(families)), left)
    sets = MentorSets.of(read)
    for one, (failed, single) in zip(families, counted, strict=True):
        passing = sets.passing(one, places_mask(left))
        assert failed == {rule: those.bit_count() for rule, those in first_failed(sets.everyone, passing).items()}
        only = failing_one(sets.everyone, passing)
        counts = {rule: (only & ~passes).bit_count() for rule, passes in zip(RULES, passing, strict=True)}
        assert single == {rule: count for rule, count in counts.items() if count}
        assert list(failed) == [rule for rule in RULES if rule in failed]


def test_interpreter_admits_whoever_speaks_no_language_at_all() -> None:
    data = instance([mentor(languages={})], [family(languages={}, interpreter=True), family("f2", languages={})])
    for compiled in (False, True):
        assert found(data, compiled) == {("m1", "f1"): 200 + 180 + 25}


@pytest.mark.parametrize("compiled", [False, True])
def test_blocks_of_families_change_nothing(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    data = wide_instance(4)
    expected = edges_of(data)
    assert len(expected) > 50
    monkeypatch.setattr(edges, "BLOCK", 64 * 2 * 7)
    assert found(data, compiled) == expected


def test_points_follow_the_policy() -> None:
    weights = Weights(language=7, distance=3, topics=5, time=9, continuity=1_000_000)
    asks = family(wishes=["health", "a"], slots=["wed-pm", "mon-am"], languages={"ar": "C1"})
    read = read_instance(instance([mentor()], [asks]))
    for compiled in (False, True):
        answer = find_edges(columns_of(read), [1], [(0, 0)], weights, compiled)
        assert answer.fits.tolist() == [7 * 3 // 5 + 3 + 5 * 1 // 2 + 9 * 1 // 4 + 1_000_000]


def test_compiled_loops_are_loaded_for_very_many_pairs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_instance(instance([mentor()], [family()]))
    monkeypatch.setattr(edges, "_kernel", loaded := Mock(wraps=edges._kernel))
    assert len(find_edges(columns_of(read), [1], [], Weights())) == 1
    assert not loaded.called
    monkeypatch.setattr(edges, "COMPILED_FROM", 1)
    assert len(find_edges(columns_of(read), [1], [], Weights())) == 1
    assert loaded.called


def test_numpy_answers_where_compiled_code_cannot_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_instance(instance([mentor()], [family()]))
    monkeypatch.setattr(edges, "_kernel", lambda: None)
    answer = find_edges(columns_of(read), [1], [], Weights(), compiled=True)
    assert answer.fits.tolist() == [300 + 200 + 180 + 25]


def test_numpy_answers_where_numba_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "SWITCHED_OFF", True)
    assert edges._kernel.__wrapped__() is None


def test_many_mentors_are_sorted_beyond_sixteen_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_instance(wide_instance(4))
    ours, columns = list(read.free_places()), columns_of(read)
    expected = find_edges(columns, ours, [], Weights())
    monkeypatch.setattr(edges, "NARROW", 1)
    again = find_edges(columns, ours, [], Weights())
    assert again.mentors.tolist() == expected.mentors.tolist()
    assert again.families.tolist() == expected.families.tolist()
