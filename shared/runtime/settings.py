"""Settings of a process: from the environment (``TUEROEFFNER_*``) and from secret files; read once, at start."""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PREFIX = "TUEROEFFNER_"
_SERVICES = ("REGISTRY", "VISITS", "MATCHING", "REPORTING")
_ELSEWHERE = frozenset({"TUEROEFFNER_DEMO_SETUP_SECONDS", "TUEROEFFNER_DIE_AT"})


class SettingsWrong(Exception):
    """The settings cannot be used; the text names every one that is wrong, and what would be right."""


class Settings(BaseModel):
    """What every service can be told. ``TUEROEFFNER_<SERVICE>_<NAME>`` wins over ``TUEROEFFNER_<NAME>``."""

    model_config = ConfigDict(extra="ignore")

    env: Literal["local", "test", "production"] = Field(
        "production", description="where this runs; tokens of the local issuer are taken in `local` only"
    )
    mongo_url: str = Field(description="MongoDB, a replica set, such as mongodb://127.0.0.1:27017/?replicaSet=rs0")
    kafka: str = Field(description="Kafka's bootstrap servers, such as 127.0.0.1:9092")
    topic_prefix: str = Field("", description="a prefix of all topics, so that deployments can share one Kafka")
    replication: int = Field(3, ge=1, le=7, description="copies of each topic's partitions")
    compaction_lag_ms: int = Field(
        3_600_000, ge=1_000, description="the longest an erased value may stay uncompacted in Kafka's files"
    )
    delete_retention_ms: int = Field(
        604_800_000, ge=1_000, description="how long a tombstone stays readable; consumers away longer must rebuild"
    )
    master_key_file: Path = Field(description="a file with 96 bytes: the master key of the key vaults")
    jwks_file: Path = Field(description="a file with the public keys (JWKS) of the token issuer")
    issuer: str = Field(description="the `iss` of the tokens that are taken")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(0, ge=0, le=65_535, description="the port to listen on; 0 takes a free one")
    ordinal: str = Field("0", pattern=r"^[a-z0-9-]{1,40}$", description="which of the service's replicas this is")
    root_path: str = Field("", description="the path under which a proxy shows the service, such as /registry")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what is logged")
    tracing: Literal["off", "on"] = Field("off", description="whether traces are sent to a collector")
    otlp_endpoint: str = Field("http://127.0.0.1:4318", description="the collector of traces: OTLP over HTTP")
    tracing_percent: int = Field(100, ge=0, le=100, description="of the traces that begin here, how many are kept")
    port_file: Path | None = Field(None, description="a file to write the port into once the service listens")
    stop_seconds: int = Field(20, ge=1, le=300, description="how long a stopping process may finish requests")

    def master_key(self) -> bytes:
        """The master key. Raises ``SettingsWrong`` where the file has not exactly 96 bytes."""
        try:
            key = self.master_key_file.read_bytes()
        except OSError as fault:
            raise SettingsWrong(f"{PREFIX}MASTER_KEY_FILE cannot be read: {fault.strerror}") from fault
        if len(key) != 96:
            raise SettingsWrong(f"{PREFIX}MASTER_KEY_FILE must hold 96 bytes, it holds {len(key)}")
        return key


def read_settings(service: str) -> Settings:
    """The settings of one service. Raises ``SettingsWrong`` with every fault at once."""
    own = f"{PREFIX}{service.upper()}_"
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    values: dict[str, str] = {}
    unknown: list[str] = []
    for name, value in sorted(os.environ.items()):
        plain = PREFIX + name.removeprefix(own) if name.startswith(own) else name
        if not name.startswith(PREFIX) or name in _ELSEWHERE:
            continue
        if plain in names:
            if name.startswith(own) or plain.removeprefix(PREFIX).lower() not in values:
                values[plain.removeprefix(PREFIX).lower()] = value
        elif not any(name.startswith(f"{PREFIX}{other}_") for other in _SERVICES if own != f"{PREFIX}{other}_"):
            unknown.append(name)
    faults = [f"{name} is not a setting" for name in unknown]
    try:
        settings = Settings.model_validate(values)
    except ValidationError as fault:
        faults += [f"{PREFIX}{str(error['loc'][0]).upper()}: {error['msg']}" for error in fault.errors()]
    if faults:
        raise SettingsWrong("\n".join(faults))
    return settings


def settings_markdown() -> str:
    """All settings as a table, for the documentation."""
    rows = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else f"`{field.default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"
