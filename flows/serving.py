"""Keep the nightly schedule: Prefect's own, on the configured server or on one of our own that
lives as long as we do."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from flows.settings import Settings, SettingsError

PORT = 4200
PATIENCE = 120.0  # seconds; a first start migrates the server's database


def serve(settings: Settings, variables: Mapping[str, object], say: Callable[[str], None]) -> None:
    """Serve the `nightly` flow on the settings' cron until interrupted."""
    if settings.prefect_api:
        settings.prepare_prefect()
        _serve(settings, variables, say)
        return
    # Asked to stop by a service manager is the same as by a person: the server goes with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _own_server(settings) as api:
        settings = replace(settings, prefect_api=api)
        settings.prepare_prefect()
        _serve(settings, variables, say)


def _serve(settings: Settings, variables: Mapping[str, object], say: Callable[[str], None]) -> None:
    from flows import nightly

    page = (settings.prefect_api or "").removesuffix("/api")
    say(f"cyp serve: {settings.cron!r} in {settings.timezone}; Prefect's page is {page}")
    nightly.serve(settings, variables)


@contextmanager
def _own_server(settings: Settings) -> Iterator[str]:
    """A Prefect server on this machine only; a schedule needs one that stays."""
    page = f"http://127.0.0.1:{PORT}"
    if _answers(page):
        raise SettingsError(
            f"Port {PORT} is taken. If a Prefect server listens there, "
            f"set PREFECT_API_URL={page}/api."
        )
    settings.prepare_prefect()
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--port", str(PORT)],
        env=settings.environment() | {"PREFECT_API_URL": f"{page}/api"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        waited_until = time.monotonic() + PATIENCE
        while not _answers(page):
            if server.poll() is not None or time.monotonic() > waited_until:
                raise SettingsError("Prefect's server did not start; see `prefect server start`.")
            time.sleep(0.5)
        yield f"{page}/api"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _answers(page: str) -> bool:
    try:
        with urllib.request.urlopen(f"{page}/api/health", timeout=5):  # noqa: S310 (our own address)
            return True
    except (urllib.error.URLError, OSError):
        return False
