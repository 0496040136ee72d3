"""What the programme's people decide about a round: the weights of fit and the width of a waiting band."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from services.matching.domain.shapes import Faults, Shape, fields, name, whole_number
from shared.kernel.classified import classified

MOST = 1_000_000
"""No weight is larger: more would only blur the units, since every tier above is strict anyway."""


@classified(internal="language distance topics time continuity")
@dataclass(frozen=True, slots=True)
class Weights:
    """Points that a pair can earn at most, each a whole number from 0 to ``MOST``."""

    language: int = 300
    distance: int = 200
    topics: int = 180
    time: int = 100
    continuity: int = 100

    def most(self) -> int:
        """The points of a perfect pair."""
        return self.language + self.distance + self.topics + self.time + self.continuity


@classified(internal="version wait_band_days weights")
@dataclass(frozen=True, slots=True)
class Policy:
    """A version and its numbers; a changed number needs a new version, since results name the version only."""

    version: str = "default-1"
    wait_band_days: int = 7
    weights: Weights = field(default_factory=Weights)


_WEIGHTS = Shape({key: whole_number(0, MOST) for key in asdict(Weights())}, frozenset(asdict(Weights())))
_BAND = (1, 366)


def _read_weights(value: object, pointer: str, faults: Faults) -> dict[str, int]:
    return fields(value, pointer, faults, _WEIGHTS)


_POLICY = Shape(
    {"version": name, "wait_band_days": whole_number(*_BAND), "weights": _read_weights},
    frozenset({"wait_band_days", "weights"}),
)


def read_policy(data: object) -> Policy:
    """The policy that ``data`` (as JSON gives it) describes; what is left out has its default, but not the version.

    Raises ``Refused`` (``policy-refused``) with every fault.
    """
    faults = Faults()
    checked: Mapping[str, Any] = fields(data, "", faults, _POLICY)
    faults.refuse("policy-refused")
    return Policy(**{**checked, "weights": Weights(**checked.get("weights", {}))})


def policy_document(policy: Policy) -> dict[str, Any]:
    """The policy as its file."""
    return asdict(policy)


def policy_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of a policy file, with the default policy in it."""
    default = policy_document(Policy())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Matching policy",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {
            "version": {"type": "string", "minLength": 1, "description": "named in every result"},
            "wait_band_days": {
                "type": "integer",
                "minimum": _BAND[0],
                "maximum": _BAND[1],
                "default": default["wait_band_days"],
                "description": "days of one waiting band; families in one band wait equally long",
            },
            "weights": {
                "type": "object",
                "additionalProperties": False,
                "description": "points that a pair can earn at most",
                "properties": {
                    key: {"type": "integer", "minimum": 0, "maximum": MOST, "default": points}
                    for key, points in default["weights"].items()
                },
            },
        },
        "default": default,
    }
