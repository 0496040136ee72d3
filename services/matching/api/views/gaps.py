"""What a round shows to be missing, as it is answered."""

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from services.matching.api.sentences import sentence
from services.matching.domain.gaps import Gaps
from services.matching.domain.gaps_shown import without_small
from services.matching.domain.suppress import hidden_if_small

_MODULES = ["early_childhood_health"]


class TopicCount(BaseModel):
    """A topic and how many of the families ask for it; special ones are one `special`."""

    topic: str = Field(examples=["health"])
    families: int = Field(examples=[7])


class LanguageGapView(BaseModel):
    """Families that wait since nobody who speaks the language at B1 and reaches the district has a place left.

    `full` are those who would, had they a place; `unavailable` those who lack a certificate or a clearance, or pause.
    """

    language: str = Field(examples=["fa"])
    district: str = Field(examples=["lichtenhagen"])
    families: int | None = Field(examples=[7])
    topics: list[TopicCount]
    full: int | None = Field(examples=[0])
    unavailable: int | None = Field(examples=[0])
    sentence: str = Field(examples=["Persisch in Lichtenhagen: Es warten 7 Familien. …"])


class TrainingView(BaseModel):
    """The modules that would give so many waiting families a candidate, if these mentors passed them."""

    modules: list[str] = Field(examples=[_MODULES])
    language: str | None = Field(examples=["ar"])
    mentors: int | None = Field(examples=[3])
    families: int | None = Field(examples=[41])
    sentence: str = Field(examples=["Qualifizierung (Gesundheit) für 3 mit Arabisch öffnet 41 Familien."])


class RecruitingView(BaseModel):
    """The next mentor to be won, in the order in which they help most: an estimate, with the usual number of places."""

    language: str = Field(examples=["fa"])
    district: str = Field(examples=["lichtenhagen"])
    topics: list[str] = Field(examples=[["health"]])
    families: int | None = Field(examples=[2])
    waiting: int | None = Field(examples=[7])
    sentence: str


class GapsView(BaseModel):
    """Figures of a round: nobody is named. Counts from 1 to 4 are `null` for whoever may see figures only."""

    programme: str = Field(examples=["stadtteilmuetter"])
    round: str = Field(examples=["rnd_3c9k0000000000000000000000"])
    date: str = Field(examples=["2026-01-15"])
    families: int | None = Field(examples=[52])
    without_language: int | None = Field(examples=[7])
    language_gap: list[LanguageGapView]
    training: list[TrainingView]
    recruiting: list[RecruitingView]


def gaps_view(gaps: Gaps, about: tuple[str, str, str], language: str, whole: bool) -> GapsView:
    """``about`` is programme, round and date; without ``whole`` small counts are hidden."""
    programme, round_id, date = about
    lists: dict[str, list[dict[str, Any]]] = {
        "language_gap": [asdict(row) for row in gaps.language],
        "training": [asdict(row) for row in gaps.training],
        "recruiting": [asdict(row) for row in gaps.recruiting],
    }
    counts = {
        "language_gap": ("families", "full", "unavailable"),
        "training": ("families", "mentors"),
        "recruiting": ("families", "waiting"),
    }
    told = {
        name: [_told(name, row, language) for row in (rows if whole else without_small(rows, *counts[name]))]
        for name, rows in lists.items()
    }
    totals = {"families": gaps.families, "without_language": gaps.without_language}
    shown = totals if whole else {name: hidden_if_small(count) for name, count in totals.items()}
    return GapsView.model_validate({"programme": programme, "round": round_id, "date": date, **shown, **told})


def _told(name: str, row: dict[str, Any], language: str) -> dict[str, Any]:
    """The row with its sentence; a language that nobody needs to speak, for somebody interprets, is not said."""
    given = {key: value for key, value in row.items() if value is not None and value != ()}
    if name == "language_gap":
        row = {**row, "topics": [{"topic": topic, "families": families} for topic, families in row["topics"]]}
        given.pop("topics", None)
    return {**row, "sentence": sentence({"rule": name, **given}, "gap", language)}
