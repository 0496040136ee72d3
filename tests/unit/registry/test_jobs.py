"""Registry's jobs reach the process that runs them."""

from pathlib import Path

from services.registry.app import SERVICE
from services.registry.commands.carriers import follow_all_carriers
from services.registry.commands.consents import tell_expired_consents
from services.registry.commands.erasures import resume_erasures
from services.registry.commands.participations import end_urgencies
from services.registry.commands.programmes import tell_terms_begun
from services.registry.commands.proofs import forget_clearances, tell_proofs
from services.registry.commands.search_tokens import make_missing_tokens
from shared.runtime.process import Process
from shared.runtime.settings import Settings


async def test_process_resumes_erasures_at_its_start_and_tells_and_forgets_at_night(tmp_path: Path) -> None:
    key = tmp_path / "master.key"
    key.write_bytes(bytes(96))
    settings = Settings(
        mongo_url="mongodb://127.0.0.1:9/?replicaSet=none",
        kafka="127.0.0.1:9",
        master_key_file=key,
        jwks_file=tmp_path / "jwks.json",
        issuer="nobody",
    )  # type: ignore[call-arg,unused-ignore]
    process = Process.build(SERVICE, settings)
    assert list(process.jobs.at_start.values()) == [resume_erasures, make_missing_tokens, tell_proofs]
    nightly = [
        tell_expired_consents,
        follow_all_carriers,
        tell_terms_begun,
        end_urgencies,
        forget_clearances,
        tell_proofs,
    ]
    assert list(process.jobs.nightly.values()) == nightly
    process.store.mongo.close()
