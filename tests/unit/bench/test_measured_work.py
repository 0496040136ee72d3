"""What the benchmarks let both sides do is what they say it is."""

from itertools import islice

import pytest

from deploy.bench.events import CORRECTED, TOPIC, corrected_rows, kafka_record
from deploy.bench.round_scene import Edges, edges_of, solve_raw
from deploy.bench.visible import Arrivals, p50, p99
from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy
from services.matching.domain.tiers import family_ranks, unit_of
from shared.messaging.events import Event, decode
from shared.messaging.kafka import ConsumerRecord, Kafka
from tests.unit.matching.build import random_instance


def test_every_tenth_event_is_the_second_version_of_an_earlier_one() -> None:
    kafka = Kafka("nowhere", "bench", "some.")
    events: list[Event] = []
    for row in islice(corrected_rows(), 200):
        sent = kafka_record(kafka, row)
        assert sent["topic"] == f"some.{TOPIC.name}"
        record = ConsumerRecord(TOPIC.name, 0, 0, 0, 0, sent["key"], sent["value"], None, -1, -1, sent["headers"])
        event = decode(TOPIC.name, record)
        assert isinstance(event, Event)
        events.append(event)
    first = [event.key for event in events if event.sequence == 1]
    second = [event.key for event in events if event.sequence == 2]
    assert len(set(first)) == len(first) == 200 - 200 // CORRECTED
    assert len(set(second)) == len(second) == 200 // CORRECTED
    assert set(second) <= set(first)


def test_a_hundredth_of_the_slowest_is_left_out() -> None:
    taken = [float(number) for number in range(1, 601)]
    assert (p50(taken), p99(taken)) == (300.5, 595.0)
    assert p99([7.0]) == 7.0


async def test_what_arrives_is_paired_with_what_was_sent() -> None:
    arrivals = Arrivals({"a": 1.0, "b": 2.0}, {"b": 2.5, "a": 1.25, "other": 9.0})
    assert await arrivals.milliseconds() == [250.0, 500.0]


@pytest.mark.parametrize("seed", range(5))
def test_the_engine_alone_reaches_what_a_round_reaches(seed: int) -> None:
    document = random_instance(seed, 12, 30)
    edges = edges_of(document)
    result = solve_instance(document, None, lambda: 0.0)
    instance, policy = read_instance(document), Policy()
    ranks, unit = family_ranks(instance, policy), unit_of(instance, policy)
    assert result["pairs"]
    assert solve_raw(edges) == sum(unit * ranks[pair["family"]] + pair["fit"]["total"] for pair in result["pairs"])


def test_nobody_is_assigned_beyond_the_places() -> None:
    assert solve_raw(Edges(places=[1], families=[0, 1], mentors=[0, 0], weights=[5, 7], family_count=2)) == 7
