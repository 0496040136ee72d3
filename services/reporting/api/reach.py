"""What a token reaches of a programme's figures: they tell of everybody in it, so the whole of it must be in reach."""

from services.reporting.queries.figures import Part
from services.reporting.store import known
from services.reporting.store.known import Programme
from shared.kernel.errors import Forbidden, NotFound
from shared.web.desk import RequestDesk


async def require_programme(desk: RequestDesk, programme: Programme, part: Part) -> None:
    """A part is reached by its site and carrier, the whole by all its sites with all carriers they ever had.

    Raises as ``RequestDesk.require``.
    """
    desk.require(programme=programme.slug)
    if part.site is not None or part.carrier is not None:
        desk.require(programme=programme.slug, site=part.site or (), carrier=part.carrier or ())
        return
    for site in programme.sites:
        desk.require(programme=programme.slug, site=site)
        for history in await known.carrier_histories(desk.reader, (site,)):
            for _, carrier in history:
                desk.require(programme=programme.slug, site=site, carrier=carrier)


def require_city(desk: RequestDesk, part: Part) -> None:
    """Figures over all programmes: of a site or a carrier where that is in reach, else the whole city must be."""
    if part.site is not None or part.carrier is not None:
        desk.require(programme=(), site=part.site or (), carrier=part.carrier or ())
    elif not desk.scope().everything:
        raise Forbidden("outside-your-grants")


async def whole_programmes(desk: RequestDesk) -> list[str]:
    """The programmes that the token reaches as a whole."""
    found: list[str] = []
    for programme in await known.programmes(desk.reader):
        try:
            await require_programme(desk, programme, Part())
        except (Forbidden, NotFound):
            # Not an attempt at this programme: the list simply does not show it.
            continue
        found.append(programme.slug)
    return found
