"""One round looked at closely: how fair it was, why not another mother, and the same again from its file."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

from deploy.demo import cohort
from deploy.demo.client import Caller, Client, UnexpectedAnswerError, coordinator
from deploy.demo.screen import Step
from deploy.demo.world import Body, World

FILE: Final = "round.json"


async def explain_round(client: Client, world: World, folder: Path, step: Step) -> None:
    """The first round of the Stadtteilmütter; its file is written into ``folder``. What is found goes into ``world``.

    Raises ``UnexpectedAnswerError`` where a family was passed over, a proof does not add up, or the replay differs.
    """
    caller, base = coordinator(cohort.CITY, cohort.PROGRAMME), f"cities/{cohort.CITY}"
    held = world.rounds[cohort.PROGRAMME]
    fair = await client.get(caller, "matching", f"{base}/rounds/{held['id']}/fairness")
    if fair["order_violations"]:
        raise UnexpectedAnswerError(f"{fair['order_violations']} families were passed over")
    why = await _why_not_her(client, caller, base, held)
    stored = await _stored(client, caller, f"{base}/rounds/{held['id']}")
    (folder / FILE).write_text(stored, encoding="utf-8")
    await _replay(folder / FILE)
    compared = {way: reached["matched"] for way, reached in fair["compared"].items()}
    world.explained = {"matched": compared, "passed_over": 0, "why_not": why["sentence"], "replayed": held["id"]}
    step.tell(
        f"{compared['round']} of {fair['matchable']} matched (greedy {compared['greedy']}, first come "
        f"{compared['first_come']}), nobody passed over; replayed from {FILE}, the same"
    )


async def _why_not_her(client: Client, caller: Caller, base: str, held: Body) -> dict[str, Any]:
    """For a family that got somebody: why not a mother whom another family got."""
    first, other = held["proposals"][0], held["proposals"][-1]
    asked = {"engagement": other["engagement"], "participation": first["participation"], "round": held["id"]}
    answer = await client.get(caller, "matching", f"{base}/why-not", **asked)
    proof = answer["proof"]
    if proof and not proof["family_price"] + proof["mentor_price"] - proof["weight"] == proof["gap"] >= 0:
        raise UnexpectedAnswerError("the proof of why not her does not add up")
    reason: dict[str, Any] = answer["reason"]
    return reason


async def _stored(client: Client, caller: Caller, path: str) -> str:
    """The round with its matching file, as `tueroeffner match replay` reads it."""
    told = await client.get(caller, "matching", path)
    instance = await client.get(caller, "matching", f"{path}/instance")
    return json.dumps({"round": told, "instance": instance}, ensure_ascii=False)


async def _replay(file: Path) -> None:
    command = Path(sys.executable).with_name("tueroeffner")
    process = await asyncio.create_subprocess_exec(
        command, "match", "replay", file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise UnexpectedAnswerError(f"the round does not come out the same again: {told.decode(errors='replace')}")
