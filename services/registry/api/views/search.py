"""Views of people who were found, and of those who may be known already."""

from pydantic import BaseModel, Field

from services.registry.api.views.people import PersonView


class FoundPersonView(PersonView):
    """Somebody who was found, with the name that the search was for."""

    name: str = Field(examples=["Julia"], description="As she is called.")
    as_documented: str = Field(examples=["Юлія Приклад"])
    match: str = Field(
        examples=["similar"],
        description="`exact`: the words themselves; `similar`: a transliteration, or what sounds much alike; `sound`: "
        "what sounds alike and is short; `start`: the first three letters; `id`: the id.",
    )


class PossibleDuplicateView(BaseModel):
    """Somebody in your reach who may be the same person."""

    id: str = Field(examples=["per_3c9k0000000000000000000000"])
    reasons: list[str] = Field(
        examples=[["similar_name", "same_birthday"]],
        description="`same_name`, `similar_name` or `part_of_name`, and perhaps `same_birthday`; never 1 January.",
    )


class DuplicatesView(BaseModel):
    """Who may be known already: a warning, and no refusal."""

    possible_duplicates: list[PossibleDuplicateView] = Field(description="The most alike first, ten at most.")
    duplicate_elsewhere: bool = Field(description="Whether there is somebody alike out of your reach; never who.")


class RegisteredPersonView(DuplicatesView, PersonView):
    """A person who was registered, and the warning."""
