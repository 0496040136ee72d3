"""A year replayed: families arrive, rounds are held in a rhythm, tandems run for a while and give their places back.

Everything that a round proposes is taken as begun, so that rhythms and policies are compared and nothing else.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

from services.matching.domain.instance import Family, Instance, Pair
from services.matching.domain.policy import Policy
from services.matching.domain.result import RoundResult
from services.matching.domain.statistics import nearest_rank

Solve = Callable[[Instance, Policy], RoundResult]

RHYTHMS: Mapping[str, int] = {"daily": 1, "weekly": 7, "monthly": 28}
"""Days between two rounds."""


@dataclass(frozen=True, slots=True)
class Way:
    """How often a round is held (``RHYTHMS``), and for how many days a tandem runs."""

    rhythm: str
    lasting: int


@dataclass(frozen=True, slots=True)
class Year:
    """What came of a rhythm. Days are whole days of waiting of the families helped; fit is points a pair.

    ``left`` still wait at the end, ``left_days`` the longest of them.
    """

    rhythm: str
    policy: str
    rounds: int
    families: int
    helped: int
    days_p50: int
    days_p95: int
    days_max: int
    fit: int
    left: int
    left_days: int


def simulate(pool: Instance, policy: Policy, way: Way, solve: Solve, told: Callable[[], None]) -> Year:
    """Replays the arrivals of ``pool``: each family arrives on the day from which it waits, until the pool's date.

    Pairs that are frozen in the pool run from the first day on; drafts are ignored. ``told`` is called once a round.
    """
    state = _State(pool, way.lasting)
    for day in _days(pool, way.rhythm):
        state.take(day, solve(state.on(day), policy))
        told()
    return state.year(way, policy)


def rounds_of(pool: Instance, rhythm: str) -> int:
    """How many rounds a rhythm holds in the pool's time."""
    return sum(1 for _ in _days(pool, rhythm))


def _days(pool: Instance, rhythm: str) -> Iterator[date]:
    day, last = _first_day(pool), date.fromisoformat(pool.date)
    while day <= last:
        yield day
        day += timedelta(days=RHYTHMS[rhythm])


def _first_day(pool: Instance) -> date:
    return date.fromisoformat(min((family.waiting_since for family in pool.families), default=pool.date))


class _State:
    """Whose tandem runs until when, and what has come of it so far."""

    def __init__(self, pool: Instance, lasting: int) -> None:
        self._pool = pool
        self._lasting = timedelta(days=lasting)
        self._since = {family.id: date.fromisoformat(family.waiting_since) for family in pool.families}
        self._until: dict[Pair, date] = dict.fromkeys(pool.frozen, _first_day(pool) + self._lasting)
        self._served = {family for _, family in pool.frozen}
        self._waits: list[int] = []
        self._fits: list[int] = []
        self._rounds = 0

    def on(self, day: date) -> Instance:
        """Who is there on that day: those who wait, and those whose tandem runs."""
        self._until = {pair: until for pair, until in self._until.items() if until > day}
        accompanied = {family for _, family in self._until}

        def there(family: Family) -> bool:
            return family.id in accompanied or (family.id not in self._served and self._since[family.id] <= day)

        families = tuple(family for family in self._pool.families if there(family))
        frozen = tuple(sorted(self._until))
        return replace(self._pool, date=day.isoformat(), families=families, frozen=frozen, drafts=())

    def take(self, day: date, result: RoundResult) -> None:
        """All pairs of a round begin."""
        for pair in result.pairs:
            self._until[pair.mentor, pair.family] = day + self._lasting
            self._served.add(pair.family)
            self._waits.append((day - self._since[pair.family]).days)
            self._fits.append(pair.fit.total)
        self._rounds += 1

    def year(self, way: Way, policy: Policy) -> Year:
        """What came of it."""
        days, families = sorted(self._waits), self._pool.families
        left = [self._pool.days_waiting(family) for family in families if family.id not in self._served]
        return Year(
            rhythm=way.rhythm,
            policy=policy.version,
            rounds=self._rounds,
            families=len(families),
            helped=len(days),
            days_p50=int(median(days)) if days else 0,
            days_p95=nearest_rank(days, 95) if days else 0,
            days_max=days[-1] if days else 0,
            fit=sum(self._fits) // len(days) if days else 0,
            left=len(left),
            left_days=max(left, default=0),
        )
