"""The mentors of a pool on a day, made ready once and then asked for one family after the other."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from services.matching.domain.helps import Helps
from services.matching.domain.instance import Family, Instance
from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.policy import Policy
from services.matching.domain.pool import LeftOut, Pool, PoolFile, pool_file
from services.matching.domain.rules import places_mask
from services.matching.domain.understanding import only_by_unwished


@dataclass(frozen=True, slots=True)
class Shown:
    """Who may be shown: mentors of the file as a set of bits, and those that may take nobody by id."""

    mentors: int = 0
    unavailable: frozenset[str] = frozenset()

    def __or__(self, other: "Shown") -> "Shown":
        return Shown(self.mentors | other.mentors, self.unavailable | other.unavailable)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for every family that is asked for: the file's mentors with their free places, and the others.

    ``pool`` has no participations, so that each mentor's capacity in ``instance`` is what is free. ``prices`` is what
    a place of each mentor was worth in the last round.
    """

    pool: Pool
    file: PoolFile
    instance: Instance
    helps: Helps
    policy: Policy
    prices: Mapping[str, int]
    with_places: int
    engagements: Mapping[str, Engagement]
    taken: Mapping[str, int]
    by_name: Mapping[str, tuple[str, ...]]
    by_subject: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, pool: Pool, prices: Mapping[str, int]) -> "Standing":
        """The standing facts of a pool; its participations are not looked at."""
        pool = replace(pool, participations=(), rejected=frozenset(), drafts=())
        file = pool_file(pool)
        instance = read_instance(file.document)
        named = ((name, one.id) for one in pool.engagements for name in (*one.excluded, *one.subjects))
        return cls(
            pool=pool,
            file=file,
            instance=instance,
            helps=Helps.of(pool, file, instance),
            policy=pool.leads.engine,
            prices=prices,
            with_places=places_mask([mentor.capacity for mentor in instance.mentors]),
            engagements={one.id: one for one in pool.engagements},
            taken=Counter(mentor for mentor, _ in pool.running),
            by_name=_grouped(named),
            by_subject=_grouped((name, one.id) for one in pool.engagements for name in one.subjects),
        )

    def shown(self, keys: Collection[str]) -> Shown:
        """These engagements, as ``candidates_for`` takes them."""
        position, unavailable = self.helps.sets.position, self.file.unavailable
        mask = sum(1 << position[key] for key in keys if key in position and key not in unavailable)
        return Shown(mask, frozenset(key for key in keys if key in unavailable))

    def kept_from(self, participation: Participation, rejected: Iterable[str]) -> frozenset[str]:
        """The engagements that are not to have this participation: either side's wish, one person, a rejection.

        ``rejected`` are engagements or persons. Nor is anybody whom only a language that is not wished would bring.
        """
        found: set[str] = set()
        for subject in participation.subjects:
            found.update(self.by_name.get(subject, ()))
        for name in (*participation.excluded, *rejected):
            found.update(self.by_subject.get(name, ()))
        return frozenset(found | set(self._unwished(participation)))

    def _unwished(self, family: Participation) -> Iterator[str]:
        table = self.pool.leads.understands
        tags = set() if family.interpreter else {entry.speaks for entry in table} & set(family.not_wished)
        for one in self.pool.engagements if tags else ():
            if tags & set(one.levels) and only_by_unwished(one.levels, family.levels, family.not_wished, table):
                yield one.id


def family_of(pool: Pool) -> tuple[Family | None, tuple[LeftOut, ...]]:
    """The one participation of a pool as the file has it; ``None`` with the places where its row is wrong."""
    file = pool_file(replace(pool, engagements=(), running=(), drafts=(), rejected=frozenset()))
    families = read_instance(file.document).families
    return (families[0] if families else None), file.left_out


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}
