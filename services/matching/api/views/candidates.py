"""Candidates as they are answered."""

from collections.abc import Iterable
from json import dumps
from typing import Any

from pydantic import BaseModel, Field

from services.matching.api.sentences import About
from services.matching.api.views import Reasons
from services.matching.api.words import worded
from services.matching.domain.candidates import Candidates
from services.matching.domain.explanation import Reason
from services.matching.domain.swap import Move

_WHY = [
    {
        "rule": "language",
        "language": "ar",
        "level": "native",
        "title": "Gemeinsame Sprache",
        "sentence": "Beide sprechen Arabisch (mindestens Muttersprache).",
    }
]


class CandidateView(BaseModel):
    """A mentor that fits, and why. `price` is what her place was worth to others in the last round."""

    engagement: str = Field(examples=["eng_3c9k0000000000000000000000"])
    fit: dict[str, int] = Field(examples=[{"language": 300, "distance": 200, "total": 500}])
    price: int = Field(examples=[0])
    free_places: int = Field(examples=[1])
    why: Reasons = Field(examples=[_WHY])


class OtherView(BaseModel):
    """A mentor that does not fit, and the rule she fails at first."""

    engagement: str
    reason: dict[str, Any] = Field(examples=[{"rule": "language", "language": "fa", "needed": "B1", "has": "A2"}])


class CandidatesView(BaseModel):
    """Candidates, best first; the others with their reason, and all of them counted; what would help."""

    participation: str = Field(examples=["ptc_3c9k0000000000000000000000"])
    date: str = Field(examples=["2026-01-15"])
    candidates: list[CandidateView]
    others: list[OtherView]
    others_by_rule: Reasons = Field(examples=[[{"rule": "language", "mentors": 4, "title": "Gemeinsame Sprache"}]])
    would_help: Reasons


class SwapView(BaseModel):
    """A mentor for the participation at once, and the draft that would move for it; all `null` where there is none.

    `moves` is how many drafts move: none or one. `moved` is whose draft it is, where the token may see that. `points`
    is by how much the fit of the pairs grows.
    """

    participation: str = Field(examples=["ptc_3c9k0000000000000000000000"])
    date: str = Field(examples=["2026-01-15"])
    mentor: str | None = Field(default=None, examples=["eng_3c9k0000000000000000000000"])
    moves: int | None = Field(default=None, examples=[1])
    moved: str | None = Field(default=None, examples=["ptc_3c9k0000000000000000000001"])
    to: str | None = Field(default=None, examples=["eng_3c9k0000000000000000000001"])
    points: int | None = Field(default=None, examples=[640])


def swap_view(participation: str, day: str, move: Move | None, *, named: bool) -> SwapView:
    """``named``: whether the participation of the draft may be told."""
    if move is None:
        return SwapView(participation=participation, date=day)
    return SwapView(
        participation=participation,
        date=day,
        mentor=move.mentor,
        moves=0 if move.moved is None else 1,
        moved=move.moved if named else None,
        to=move.to,
        points=move.points,
    )


def candidates_body(found: Candidates, day: str, language: str) -> str:
    """A ``CandidatesView`` as JSON, put together from parts: of hundreds of reasons most are said again and again.

    Checking each row once more as a model and writing it anew would take longer than finding it.
    """
    said = _Said(language)
    candidates = (
        f'{{"engagement":{dumps(one.engagement)},"fit":{dumps(one.fit.document())},"price":{one.price},'
        f'"free_places":{one.free_places},"why":{said.all(one.why, "fit")}}}'
        for one in found.candidates
    )
    others = (
        f'{{"engagement":{dumps(one.engagement)},"reason":{said.one(one.reason, "why")}}}' for one in found.others
    )
    counts = [{"rule": rule, "mentors": mentors} for rule, mentors in found.counts]
    return (
        f'{{"participation":{dumps(found.participation)},"date":{dumps(day)},"candidates":[{",".join(candidates)}],'
        f'"others":[{",".join(others)}],"others_by_rule":{said.all(counts, "count")},'
        f'"would_help":{said.all(found.would_help, "help")}}}'
    )


class _Said:
    """Reasons in words, as JSON; what was said before is said in the same words. The reasons must outlive it."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._known: dict[tuple[object, ...], str] = {}
        self._same: dict[tuple[int, str], str] = {}

    def one(self, reason: Reason, about: About) -> str:
        same = self._same.get((id(reason), about))
        if same is None:
            same = self._same[id(reason), about] = self._new(reason, about)
        return same

    def _new(self, reason: Reason, about: About) -> str:
        if about == "help":
            return dumps(worded(reason, self._language, about), ensure_ascii=False)
        key = (about, *((name, tuple(value) if value.__class__ is list else value) for name, value in reason.items()))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = dumps(worded(reason, self._language, about), ensure_ascii=False)
        return found

    def all(self, reasons: Iterable[Reason], about: About) -> str:
        return f"[{','.join([self.one(reason, about) for reason in reasons])}]"
