"""``tueroeffner token``: a token of the local issuer, for trying things out on one's own machine."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.kernel.ids import is_id, is_slug, new_id
from shared.security.local_issuer import LocalIssuer
from shared.security.principals import MENTOR, PARTNER, ROLES, WITHOUT_CITY, Grant

WRONG = 2
_SUBJECT = re.compile(r"[A-Za-z0-9._:/@-]{1,128}")
EXIT_CODES = "Exit codes: 0 done; 2 arguments refused."

Slugs = Annotated[list[str] | None, typer.Option(help="limits the grant; may be repeated")]


def issue_token(
    *,
    role: Annotated[str, typer.Option(help=", ".join(ROLES))],
    folder: Annotated[Path, typer.Option(help="where the local issuer's key lies, or is made")],
    city: Annotated[str | None, typer.Option(help="the city; none for association and service")] = None,
    programme: Slugs = None,
    site: Slugs = None,
    carrier: Annotated[str | None, typer.Option(help="limits the grant to this carrier")] = None,
    organisation: Annotated[str | None, typer.Option(help="a partner's organisation")] = None,
    person: Annotated[str | None, typer.Option(help="a mentor's own id (per_…)")] = None,
    subject: Annotated[str | None, typer.Option(help="who it is for; a random id by default")] = None,
    minutes: Annotated[int, typer.Option(help="1 to 15")] = 15,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Print a bearer token. Only services started with TUEROEFFNER_ENV=local on loopback take it."""
    grant = Grant(role, city, carrier, frozenset(programme or ()), frozenset(site or ()), organisation)
    named = subject or new_id("usr")
    wrong = _wrong(grant, person, named, minutes)
    if wrong:
        for line in wrong:
            typer.echo(line, err=True)
        sys.exit(WRONG)
    issued = LocalIssuer(folder).issue(named, [grant], person, minutes)
    if as_json:
        typer.echo(json.dumps({"token": issued, "subject": named, "expires_in": minutes * 60}))
    else:
        typer.echo(issued)


def _wrong(grant: Grant, person: str | None, subject: str, minutes: int) -> list[str]:
    """What the services would refuse, said before a token is made that nobody takes."""
    faults: list[str] = []
    if grant.role not in ROLES:
        faults.append(f"--role: one of {', '.join(ROLES)}")
    elif grant.city is None and grant.role not in WITHOUT_CITY:
        faults.append("--city: this role is for one city")
    elif grant.city is not None and grant.role == "association":
        faults.append("--city: the association has none")
    if grant.role == MENTOR and (person is None or not is_id(person, "per")):
        faults.append("--person: a mentor's token names the mentor, per_…")
    if not _SUBJECT.fullmatch(subject):
        faults.append("--subject: 1 to 128 letters, digits and . _ : / @ -")
    if grant.role == PARTNER and grant.organisation is None:
        faults.append("--organisation: a partner's token names the organisation")
    if not 1 <= minutes <= 15:
        faults.append("--minutes: 1 to 15")
    slugs = {grant.city, grant.carrier, grant.organisation, *grant.programmes, *grant.sites} - {None}
    faults += [
        f"{name!r}: slugs are a to z, 0 to 9 and hyphens" for name in sorted(map(str, slugs)) if not is_slug(name)
    ]
    return faults
