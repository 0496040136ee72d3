"""What a role may do where: deny by default, another city or another carrier is as if it were not there.

A permission is checked twice. Before the body is read only the role and the city are known; when the thing itself is
loaded, its programme, site, carrier, person or organisation are compared with the grants (``Target``).
"""

from collections.abc import Collection
from dataclasses import dataclass

from shared.kernel.errors import Forbidden, NotFound, Refused
from shared.security.principals import MENTOR, PARTNER, ROLES, Grant, Principal


@dataclass(frozen=True, slots=True)
class Permission:
    """One action and the roles that may do it; each service declares its own as constants."""

    code: str
    roles: frozenset[str]

    def __post_init__(self) -> None:
        unknown = self.roles - set(ROLES)
        if unknown or not self.roles:
            raise ValueError(f"permission {self.code}: unknown or no roles {sorted(unknown)}")


def permission(code: str, *roles: str) -> Permission:
    """A permission; ``permission("families:read", COORDINATOR, CITY)``."""
    return Permission(code, frozenset(roles))


class Invisible(NotFound):
    """Another city's or another carrier's: answered as if it were not there, and audited."""


class InvisibleReference(Refused):
    """A body names another carrier's: answered as where what is named is not there at all (422), and audited."""


Names = str | Collection[str] | None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a thing belongs. ``None`` is not said; a collection is any of these, and an empty one is none at all."""

    programme: Names = None
    site: Names = None
    carrier: Names = None
    person: Names = None
    organisation: Names = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What one grant reaches: everything that agrees with all fields that are not ``None``."""

    role: str
    programmes: frozenset[str] | None = None
    sites: frozenset[str] | None = None
    carrier: str | None = None
    person: str | None = None
    organisation: str | None = None

    @property
    def everything(self) -> bool:
        """Whether the whole city is reached."""
        limits = (self.programmes, self.sites, self.carrier, self.person, self.organisation)
        return all(limit is None for limit in limits)

    def sees(self, target: Target) -> bool:
        """Whether ``target`` is visible: not another carrier's, and a mentor's own or a partner's own."""
        return (
            (self.carrier is None or target.carrier is None or self.carrier in _names(target.carrier))
            and (self.role != MENTOR or _bound(self.person, target.person))
            and (self.role != PARTNER or _bound(self.organisation, target.organisation))
        )

    def covers(self, target: Target) -> bool:
        """Whether ``target`` is visible and in one of the programmes and one of the sites."""
        return self.sees(target) and _within(self.programmes, target.programme) and _within(self.sites, target.site)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list may show: whatever any of ``reaches`` covers. A store turns it into its filter."""

    reaches: tuple[Reach, ...]

    @property
    def everything(self) -> bool:
        """Whether no filter is needed."""
        return any(reach.everything for reach in self.reaches)

    @property
    def programmes(self) -> frozenset[str] | None:
        """The programmes in reach, ``None`` for all; wider than the reaches where these have other limits too."""
        return _union([reach.programmes for reach in self.reaches])

    @property
    def sites(self) -> frozenset[str] | None:
        """The sites in reach, ``None`` for all; wider than the reaches where these have other limits too."""
        return _union([reach.sites for reach in self.reaches])

    def covers(self, target: Target) -> bool:
        """Whether one row may be shown."""
        return any(reach.covers(target) for reach in self.reaches)


def authorise(
    principal: Principal,
    needed: Permission,
    city: str | None,
    *,
    programme: Names = None,
    site: Names = None,
    carrier: Names = None,
    person: Names = None,
    organisation: Names = None,
) -> str:
    """The weakest role that allows it. Raises ``Forbidden``, or ``Invisible`` (404) for another city's or carrier's.

    With no keyword only role and city are checked. With any, each limit of a grant whose keyword is given must agree,
    and a mentor needs ``person`` and a partner ``organisation`` to be their own. ``city=None`` is for what belongs to
    no city: any role of the permission, in whichever city, will do.
    """
    reaches = scope_of(principal, needed, city).reaches
    target = Target(programme, site, carrier, person, organisation)
    if target == Target():
        return reaches[0].role
    for reach in reaches:
        if reach.covers(target):
            return reach.role
    if any(reach.sees(target) for reach in reaches):
        raise Forbidden("outside-your-grants")
    raise Invisible("not-found")


def scope_of(principal: Principal, needed: Permission, city: str | None) -> Scope:
    """What the permission reaches in ``city``, weakest role first. Raises as ``authorise`` does; never empty."""
    here = grants_in(principal, city)
    if not here:
        raise Invisible("not-found")
    allowed = [grant for grant in here if grant.role in needed.roles and _usable(grant, principal)]
    if not allowed:
        raise Forbidden("role-not-enough", params={"permission": needed.code})
    allowed.sort(key=lambda grant: ROLES.index(grant.role))
    return Scope(tuple(_reach(grant, principal) for grant in allowed))


def grants_in(principal: Principal, city: str | None) -> tuple[Grant, ...]:
    """The grants that count in ``city``: its own, and those of the association or of a service, which have no city."""
    if city is None:
        return principal.grants
    return tuple(grant for grant in principal.grants if grant.city in (None, city))


def _usable(grant: Grant, principal: Principal) -> bool:
    """A mentor without a person, and a partner without an organisation, can reach nothing."""
    if grant.role == MENTOR:
        return principal.person is not None
    if grant.role == PARTNER:
        return grant.organisation is not None
    return True


def _reach(grant: Grant, principal: Principal) -> Reach:
    return Reach(
        role=grant.role,
        programmes=grant.programmes or None,
        sites=grant.sites or None,
        carrier=grant.carrier,
        person=principal.person if grant.role == MENTOR else None,
        organisation=grant.organisation if grant.role == PARTNER else None,
    )


def _names(value: Names) -> Collection[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _bound(own: str | None, given: Names) -> bool:
    return own is not None and own in _names(given)


def _within(limit: frozenset[str] | None, given: Names) -> bool:
    return limit is None or given is None or any(name in limit for name in _names(given))


def _union(limits: list[frozenset[str] | None]) -> frozenset[str] | None:
    found: set[str] = set()
    for limit in limits:
        if limit is None:
            return None
        found |= limit
    return frozenset(found)
