"""A certificate on paper: for the first mother who is certified and speaks Arabic, in German and in her language."""

from pathlib import Path
from typing import Final

from deploy.demo.client import Client, UnexpectedAnswerError, city_office, coordinator
from deploy.demo.cohort import CITY, PROGRAMME
from deploy.demo.screen import Step
from deploy.demo.world import World

FILE: Final = "certificate.pdf"
_LANGUAGE: Final = "ar"


async def issue_certificate(client: Client, world: World, folder: Path, step: Step) -> None:
    """Writes it into ``folder``, and has the city's office ask whether its number holds."""
    mother = next(one for one in world.cohort if one.ready and _LANGUAGE in one.body["languages"])
    caller, base = coordinator(CITY, PROGRAMME), f"cities/{CITY}"
    issued = await client.post(
        caller, "registry", f"{base}/engagements/{mother.id}/certificates", {"also_in": _LANGUAGE}
    )
    paper = await client.call(caller, "registry", "GET", f"{base}/certificates/{issued['id']}/document")
    (folder / FILE).write_bytes(paper.content)
    asked = {"number": issued["number"]}
    told = await client.post(city_office(CITY), "registry", f"{base}/certificates:verify", asked)
    if told["state"] != "valid":
        raise UnexpectedAnswerError(f"the certificate that was just issued is {told['state']}")
    world.certificate = issued["number"]
    step.tell(f"{issued['number']}, in German and Arabic; asked by its number, it is {told['state']}")
