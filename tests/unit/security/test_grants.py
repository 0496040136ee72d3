"""Who may do what where: deny by default; another city or carrier is as if it were not there."""

import pytest

from shared.kernel.errors import Forbidden
from shared.kernel.ids import new_id
from shared.security.grants import Invisible, Permission, Target, authorise, permission, scope_of
from shared.security.principals import ASSOCIATION, CITY, COORDINATOR, MENTOR, PARTNER, Grant, Principal

READ = permission("families.read", COORDINATOR, CITY, MENTOR, PARTNER, ASSOCIATION)
MANAGE = permission("families.manage", COORDINATOR)
MYSELF, SOMEBODY = new_id("per"), new_id("per")


def principal(*grants: Grant, person: str | None = None) -> Principal:
    return Principal("sub-1", grants, person)


def coordinator(**limits: str) -> Principal:
    return principal(
        Grant(
            COORDINATOR,
            "rostock",
            limits.get("carrier"),
            frozenset({limits["programme"]} if "programme" in limits else ()),
            frozenset({limits["site"]} if "site" in limits else ()),
        )
    )


def test_another_city_is_invisible_and_another_role_forbidden() -> None:
    with pytest.raises(Invisible):
        authorise(coordinator(), READ, "schwerin")
    with pytest.raises(Forbidden):
        authorise(principal(Grant(CITY, "rostock")), MANAGE, "rostock")
    with pytest.raises(Invisible):
        authorise(principal(), READ, "rostock")
    assert authorise(coordinator(), READ, "rostock") == COORDINATOR


def test_association_reaches_every_city_where_its_role_is_named() -> None:
    nobody = principal(Grant(ASSOCIATION))
    assert authorise(nobody, READ, "rostock") == authorise(nobody, READ, "schwerin") == ASSOCIATION
    with pytest.raises(Forbidden):
        authorise(nobody, MANAGE, "rostock")


def test_weakest_role_that_allows_it_is_named() -> None:
    both = principal(Grant(CITY, "rostock"), Grant(COORDINATOR, "rostock", programmes=frozenset({"lesen"})))
    assert authorise(both, READ, "rostock") == COORDINATOR
    assert authorise(both, READ, "rostock", programme="lesen") == COORDINATOR
    assert authorise(both, READ, "rostock", programme="sport") == CITY


@pytest.mark.parametrize("limit", ["programme", "site"])
def test_other_programme_and_site_are_forbidden(limit: str) -> None:
    limited = coordinator(**{limit: "lesen"})
    assert authorise(limited, READ, "rostock", **{limit: "lesen"}) == COORDINATOR
    assert authorise(limited, READ, "rostock", **{limit: ["sport", "lesen"]}) == COORDINATOR
    with pytest.raises(Forbidden):
        authorise(limited, READ, "rostock", **{limit: "sport"})
    with pytest.raises(Forbidden):
        authorise(limited, READ, "rostock", **{limit: ()})


def test_other_carrier_is_invisible() -> None:
    limited = coordinator(carrier="verein-a")
    assert authorise(limited, READ, "rostock", carrier="verein-a") == COORDINATOR
    for carrier in ("verein-b", ()):
        with pytest.raises(Invisible):
            authorise(limited, READ, "rostock", carrier=carrier)


def test_mentor_and_partner_reach_their_own_only_and_nothing_unsaid() -> None:
    mentor = principal(Grant(MENTOR, "rostock"), person=MYSELF)
    partner = principal(Grant(PARTNER, "rostock", organisation="schule-1"))
    assert authorise(mentor, READ, "rostock", person=MYSELF) == MENTOR
    assert authorise(partner, READ, "rostock", organisation="schule-1") == PARTNER
    for who, target in (
        (mentor, {"person": SOMEBODY}),
        (mentor, {"programme": "lesen"}),
        (partner, {"organisation": "schule-2"}),
        (partner, {"programme": "lesen"}),
    ):
        with pytest.raises(Invisible):
            authorise(who, READ, "rostock", **target)


def test_mentor_without_person_and_partner_without_organisation_reach_nothing() -> None:
    for grant in (Grant(MENTOR, "rostock"), Grant(PARTNER, "rostock")):
        with pytest.raises(Forbidden):
            authorise(principal(grant), READ, "rostock")


def test_limits_of_two_grants_do_not_mix() -> None:
    two = principal(
        Grant(COORDINATOR, "rostock", programmes=frozenset({"lesen"}), sites=frozenset({"nord"})),
        Grant(COORDINATOR, "rostock", programmes=frozenset({"sport"}), sites=frozenset({"sued"})),
        Grant(COORDINATOR, "schwerin"),
    )
    scope = scope_of(two, READ, "rostock")
    assert not scope.everything
    assert scope.programmes == frozenset({"lesen", "sport"})
    assert scope.covers(Target("lesen", "nord"))
    assert not scope.covers(Target("lesen", "sued"))


def test_permission_with_unknown_or_no_roles_is_a_defect() -> None:
    for roles in (frozenset[str](), frozenset({"root"})):
        with pytest.raises(ValueError, match="roles"):
            Permission("x", roles)
