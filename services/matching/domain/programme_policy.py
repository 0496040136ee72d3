"""What a programme's people decide about its matching: the engine's policy, and the days that a person has."""

from dataclasses import dataclass, field

from services.matching.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class ProgrammePolicy:
    """Of one programme, as it stands on a day; days are calendar days.

    ``proposal_days`` is how long a proposal that both were told may stay unanswered, ``again_days`` how long a pair
    stays apart after a no, ``trial_days`` how long a trial runs until it is reviewed, ``promise_days`` how long a
    family may wait at most.
    """

    programme: str
    engine: Policy = field(default_factory=Policy)
    proposal_days: int = 14
    again_days: int = 180
    trial_days: int = 56
    promise_days: int = 90
