"""Kinds of programmes and legal regimes of organisations: closed lists of codes."""

from typing import Final, Literal, get_args

ProgrammeKind = Literal[
    "district_mothers",
    "round_table",
    "neighbourhood_help",
    "social_space_work",
    "welcome_mentors",
    "education_mentors",
    "parent_mentors",
    "welcome_room",
    "counselling",
    "mentoring",
    "group",
    "other",
]
"""In German: Stadtteilmütter, Stadtteiltisch, Nachbarschaftshilfe, Sozialraumorientierung, WillkommensPaten,
Bildungsmentoren, Elternmentoren, Willkommensraum, Beratung; and three that tell nothing of what they are about.
"""
NEUTRAL: Final = ("mentoring", "group", "other")
"""The kinds that a programme of special kind may have: the others would tell what is sealed."""

LegalRegime = Literal["gdpr", "dsg_ekd", "kdg"]
"""The data protection law that binds: the GDPR, that of the Protestant or that of the Catholic church in Germany."""
LEGAL_REGIMES: Final[tuple[str, ...]] = get_args(LegalRegime)
