"""HTTP as every service speaks it: problems, auth, idempotency, ETags, cursors, health.

A router, whole::

    REGISTER = permission("families.register", COORDINATOR)
    READ = permission("families.read", COORDINATOR, CITY)
    router = APIRouter(prefix="/v1/cities/{city}/families", tags=["families"])

    @router.post("", dependencies=[needs(REGISTER)], status_code=201, response_model=FamilyView)
    async def register_family(body: RegisterFamilyBody, desk: Desk) -> Response:
        desk.require(programme=body.programme, site=body.site)  # 403, or 404 for another carrier's
        command = RegisterFamily(body.id, body.programme, body.site)
        return await desk.commit(lambda work: commands.register_family(work, command), view=family_view)

    @router.post("/{family_id}:rename", dependencies=[needs(REGISTER, if_match=True)], response_model=FamilyView)
    async def rename_family(family_id: FamilyId, body: RenameFamilyBody, desk: Desk) -> Response:
        command = RenameFamily(family_id, body.label, desk.expected_version())  # 428 without If-Match
        return await desk.commit(lambda work: commands.rename_family(work, command), view=family_view, status=200)

    @router.get("", dependencies=[needs(READ)], response_model=Page[FamilyView])
    async def list_families(desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
        rows = await queries.families(desk.reader, desk.scope(), await desk.after(cursor), limit + 1)
        return await desk.page(rows, limit=limit, key=lambda row: row.id, view=family_view)

A route without ``needs`` stops the service's start. The city is read from the path before any endpoint runs.
"""
