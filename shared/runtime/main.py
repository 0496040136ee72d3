"""``python -m services.<name> {serve,check,rebuild}``: the same for all four services."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from shared.messaging.rebuild import drop_projections
from shared.observability import logs, tracing
from shared.runtime.process import Process, topic_settings
from shared.runtime.release import VERSION, commit
from shared.runtime.service import Service
from shared.runtime.settings import Settings, SettingsWrong, read_settings
from shared.runtime.tokens import verifier_for
from shared.storage.mongo import UnsafeServer
from shared.web.app import Application, create_app
from shared.web.traced import Traced

EXIT_SETTINGS = 2
EXIT_DIED = 3
KEPT_ALIVE = 75
"""Seconds that an idle connection is kept: longer than by proxies (60), or they would send into closed ones."""


def main(service: Service, arguments: list[str] | None = None) -> None:
    """Runs the command; exits with 2 where the settings are wrong and with 3 where a task of the process died."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name}", description=service.title)
    parser.add_argument(
        "command",
        choices=["serve", "check", "rebuild"],
        help="serve: run the service; check: are settings and servers usable; rebuild: drop all projections, "
        "so that the next start reads every topic from its beginning (stop the service before)",
    )
    command = parser.parse_args(arguments).command
    try:
        settings = read_settings(service.name)
        logs.configure(service.name, settings.log_level)
        if command == "serve":
            sys.exit(serve(service, settings))
        asyncio.run(_check(service, settings) if command == "check" else _rebuild(service, settings))
    except SettingsWrong as fault:
        print(fault, file=sys.stderr)  # noqa: T201  # nothing else is running yet
        sys.exit(EXIT_SETTINGS)


def serve(service: Service, settings: Settings) -> int:
    """Serves until SIGTERM or SIGINT; the exit code."""
    if settings.tracing == "on":
        tracing.turn_on_export(service.name, settings.otlp_endpoint, settings.tracing_percent)
    process = Process.build(service, settings)
    app = build_app(process)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEPT_ALIVE,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    server = _Server(config, process, settings.port_file)
    try:
        server.run()
    finally:
        tracing.turn_off()
    return EXIT_DIED if process.supervisor.failed.is_set() or not server.started else 0


def build_app(process: Process) -> Application:
    """The service's HTTP side."""
    service, settings = process.service, process.settings
    extra: dict[str, Any] = {"metrics": process.metrics}
    if service.extend is not None:
        extra |= service.extend(process.store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await process.start()
        try:
            yield
        finally:
            await process.stop()

    app = create_app(
        name=service.name,
        title=service.title,
        routers=service.routers,
        store=process.store,
        verifier=verifier_for(settings, process.revoked),
        metrics=process.metrics,
        serving=process.serving(),
        checks=process.checks(),
        extra=extra,
        env=settings.env,
        root_path=settings.root_path,
        version=VERSION,
        commit=commit(),
        words=service.words,
        started=lambda: process.ready,
        alive=process.supervisor.alive,
        lifespan=lifespan,
    )
    if tracing.is_on():
        app.set_front(Traced)
    return app


class _Server(uvicorn.Server):
    """uvicorn, which also ends when a task of the process died, and tells its port when it listens."""

    def __init__(self, config: uvicorn.Config, process: Process, port_file: Path | None) -> None:
        super().__init__(config)
        self._process = process
        self._port_file = port_file

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started and self._port_file is not None:
            port = self.servers[0].sockets[0].getsockname()[1]
            partial = self._port_file.with_suffix(".part")
            partial.write_text(f"{port}\n")
            partial.rename(self._port_file)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn, which would raise the signal again at the end: an end that was asked for is a good one."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()
        self._process.stop_waiting()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._process.supervisor.failed.is_set()


async def _check(service: Service, settings: Settings) -> None:
    process = Process.build(service, settings)
    try:
        await process.store.mongo.check_server()
    except UnsafeServer as fault:
        raise SettingsWrong(str(fault)) from fault
    faults = await process.kafka.topic_faults(topic_settings(settings))
    if faults:
        raise SettingsWrong("run `tueroeffner topics apply`:\n" + "\n".join(faults))


async def _rebuild(service: Service, settings: Settings) -> None:
    process = Process.build(service, settings)
    await drop_projections(process.store, service.projections)
    process.store.mongo.close()
