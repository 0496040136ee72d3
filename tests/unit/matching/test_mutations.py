"""Seven faults that matching must never have, each made on purpose: the tests named beside it go red."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.unit.matching.mutant import MUTANT


@dataclass(frozen=True, slots=True)
class Mutation:
    """One line of a module, what it becomes, and the file of tests that must not let it pass."""

    module: str
    before: str
    after: str
    killer: str


MUTATIONS = {
    "a mentor without places takes one more": Mutation(
        "services.matching.solver.edges",
        "free = np.asarray([count > 0 for count in places]",
        "free = np.asarray([count >= 0 for count in places]",
        "edges",
    ),
    "topics that nobody was qualified for": Mutation(
        "services.matching.solver.passing",
        "_all_of(columns.qualified, families, everyone)",
        "_all_of(columns.topics, families, everyone)",
        "rules",
    ),
    "an interpreter helps only with mentors who speak something": Mutation(
        "services.matching.solver.passing",
        "understanding[columns.interpreter[families]] = everyone",
        "understanding[columns.interpreter[families]] |= np.bitwise_or.reduce(columns.languages.sets, axis=0)",
        "edges",
    ),
    "weights beyond 64 bits": Mutation(
        "services.matching.solver.flow",
        "kind = np.int64 if most < cost_range else object",
        "kind = np.int64",
        "optimum",
    ),
    "the order of rows decides": Mutation(
        "services.matching.domain.instance_check",
        "tuple(sorted(mentors.values(), key=lambda mentor: mentor.id))",
        "tuple(mentors.values())",
        "optimum",
    ),
    "a rejected pair comes back": Mutation(
        "services.matching.domain.pool",
        "for mentor, family in pool.rejected:",
        "for mentor, family in frozenset[Pair]():",
        "pool",
    ),
    "points with fractions": Mutation(
        "services.matching.domain.fit",
        "weights.topics * met // len(family.wishes)",
        "weights.topics * met / len(family.wishes)",
        "rules",
    ),
}


@pytest.mark.parametrize("fault", MUTATIONS)
def test_fault_is_found(fault: str) -> None:
    mutation = MUTATIONS[fault]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.unit.matching.mutant", "-p", "no:cacheprovider"),
            f"tests/unit/matching/test_{mutation.killer}.py",
        ],
        env={**os.environ, MUTANT: json.dumps([mutation.module, mutation.before, mutation.after])},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, f"{done.stdout}{done.stderr}"
    assert "1 failed" in done.stdout
