"""Bodies of visits."""

from typing import Annotated, Any

from pydantic import Field

from shared.web.bodies import Body, Code, Day, LanguageTag, Minutes, Note, TandemId, changes, id_of


class VisitBody(Body):
    """A visit of a tandem; ``corrects`` names the version that a batch entry corrects."""

    id: Annotated[str, id_of("vis")] | None = None
    tandem: TandemId
    kind: Code = Field(examples=["home_visit"])
    date: Day = Field(examples=["2026-01-15"])
    minutes: Minutes = Field(examples=[90])
    topics: list[Code] = Field(default_factory=list, examples=[["health"]])
    language: LanguageTag | None = None
    note: Note | None = Field(None, description="Sealed at once; never in an event, a log or a report.")
    corrects: int | None = Field(None, ge=1)


class CorrectionBody(Body):
    """What was wrong; a field that is left out stays."""

    reason: Code = Field(examples=["wrong_day"])
    kind: Code | None = None
    date: Day | None = None
    minutes: Minutes | None = None
    topics: list[Code] | None = None
    language: LanguageTag | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that are to be changed."""
        sent = {name: value for name, value in changes(self).items() if name != "reason" and value is not None}
        return sent | ({"topics": tuple(sent["topics"])} if "topics" in sent else {})


class VoidBody(Body):
    """Why it is not to be counted."""

    reason: Code = Field(examples=["entered_twice"])
