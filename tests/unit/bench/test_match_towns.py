"""Invented cities for benchmarks are the same in every run, right files, and as scarce as they claim."""

from deploy.bench.match_towns import SIZES, city, crowd, instances, town
from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.instance_check import read_instance
from services.matching.domain.rules import MentorSets, places_mask


def test_a_city_is_the_same_in_every_run_and_another_with_another_seed() -> None:
    assert city(30, 10) == city(30, 10)
    assert city(30, 10) != city(30, 10, 2)


def test_a_size_has_so_many_cities_each_with_other_people() -> None:
    assert [(size.families * size.cities, size.mentors * size.cities) for size in SIZES.values()] == [
        (200, 60),
        (2_000, 500),
        (5_000, 1_000),
        (20_000, 4_000),
        (100_000, 20_000),
    ]
    assert [(len(one["families"]), len(one["mentors"])) for one in town("S")] == [(200, 60)]


def test_places_are_scarcer_than_families_and_some_fit_nobody() -> None:
    (small,) = instances("S")
    sets, free = MentorSets.of(small), places_mask(small.free_places())
    found = [sets.candidates(family, free).bit_count() for family in small.families]
    assert 400 < sum(found) < 1_000
    assert 40 < found.count(0) < 90
    assert sum(small.free_places()) < 200


def test_a_crowd_is_a_right_file_where_everybody_fits_everybody() -> None:
    document = crowd(20, 8)
    read = read_instance(document)
    sets = MentorSets.of(read)
    assert all(sets.candidates(family, sets.everyone) == sets.everyone for family in read.families)
    assert len(solve_instance(document, None, lambda: 0.0)["pairs"]) == 8
