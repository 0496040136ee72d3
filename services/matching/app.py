"""Matching, wired: the only place that builds; no rules."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from services.matching.api import ROUTERS
from services.matching.api.sentences import LOCALE
from services.matching.commands.drop_special import drop_special_everywhere
from services.matching.commands.end_tandem import end_of_side
from services.matching.commands.expire import expire_everywhere
from services.matching.commands.forget import forget_subject
from services.matching.commands.lost_consent import consent_withdrawn, take_back_everywhere
from services.matching.commands.rounds_alone import hold_after_changes, hold_nightly
from services.matching.commands.solve_apart import SolverPool
from services.matching.projections import PROJECTIONS
from services.matching.projections.consents import WITHDRAWN
from services.matching.projections.ends import END
from services.matching.queries.gauges import measure_waiting
from services.matching.queries.solved import SolvedRounds
from services.matching.queries.standing import Standings
from services.matching.store import LAYOUT
from shared.messaging.forgetting import FORGET
from shared.runtime.service import Service
from shared.storage.store import Store


def extend(store: Store) -> Mapping[str, Any]:
    """The process that solves rounds, made when the first round is held; and what is kept between two requests."""
    return {
        "solver_pool": SolverPool(time.perf_counter),
        "solved_rounds": SolvedRounds(),
        "standings": Standings(),
    }


SERVICE = Service(
    name="matching",
    title="Vermittlung",
    layout=LAYOUT,
    routers=ROUTERS,
    projections=PROJECTIONS,
    reactions={END: end_of_side, FORGET: forget_subject, WITHDRAWN: consent_withdrawn},
    nightly={
        "drop-special": drop_special_everywhere,
        "expire-proposals": expire_everywhere,
        "take-back": take_back_everywhere,
        "rounds": partial(hold_nightly, clock=time.perf_counter),
    },
    minutely={"rounds-after-changes": partial(hold_after_changes, clock=time.perf_counter)},
    fresh_topics=("matching.tandems.v1",),
    words=LOCALE,
    measure=measure_waiting,
    extend=extend,
)
