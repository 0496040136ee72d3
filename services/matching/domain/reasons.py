"""Why a person decides as she does: closed lists of codes, so that they can be counted, and fed back into rounds."""

from typing import Final, Literal, get_args

Side = Literal["mentor", "family", "house"]
"""Whose reason it was: one of the two, or the house's own (``house``: the team, the programme, neither alone)."""
OneOfTwo = Literal["mentor", "family"]
SIDES: Final[tuple[OneOfTwo, ...]] = get_args(OneOfTwo)

RejectReason = Literal[
    "declined_by_family",
    "declined_by_mentor",
    "known_to_each_other",
    "no_answer",
    "no_common_time",
    "other",
    "other_needs",
    "team_decision",
    "too_far",
    "wrong_language",
]
EndReason = Literal[
    "child_too_old",
    "conflict",
    "family_left",
    "goal_reached",
    "mentor_left",
    "moved_away",
    "needs_changed",
    "no_common_time",
    "no_contact",
    "other",
    "programme_ended",
    "trial_not_continued",
]
PauseReason = Literal["illness", "no_time", "other", "parental_leave", "travel"]
ByHandReason = Literal[
    "better_times", "known_to_each_other", "other", "team_decision", "wish_of_family", "wish_of_mentor"
]
"""Why a person pairs two whom the round did not, or wants them together before it."""

BY_ITSELF: Final = ("consent_lost", "erased", "newer_round", "participation_ended", "tandem_begun", "undone")
"""Codes that nobody chooses: what the service itself writes down."""
UNDONE: Final = "undone"
"""A tandem with this end was a mistake that was taken back at once: it counts nowhere."""

_SIDES_OF: Final[dict[str, Side]] = {
    "child_too_old": "family",
    "declined_by_family": "family",
    "declined_by_mentor": "mentor",
    "family_left": "family",
    "mentor_left": "mentor",
    "moved_away": "family",
    "needs_changed": "family",
}

CODES: Final = frozenset(
    (*get_args(RejectReason), *get_args(EndReason), *get_args(PauseReason), *get_args(ByHandReason), *BY_ITSELF)
)
"""Every code that has words in the catalogues."""


def side_of(reason: str, said: Side | None = None) -> Side:
    """The side that somebody named, else the one that the reason itself names, else the house."""
    return said or _SIDES_OF.get(reason, "house")
