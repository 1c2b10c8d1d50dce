"""A Ray cluster: one of this machine's own, on loopback alone, or the one at an address."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pipeline.errors import EngineError

# Of a logical CPU, for a process that holds a model; what is left over is for one that reads.
_WORKER_CPUS = 0.75
_KNOCK_SECONDS = 10
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # what Ray will do anyhow; it warns where this is not set
    "RAY_enable_metrics_collection": "0",  # there is no dashboard to show them, and a busy machine complains
}
INSTALL = "pip install -c requirements.lock -c requirements-ray.lock -e '.[ray]'"


@dataclass(frozen=True)
class Layout:
    """How many processes hold a model, and what of a node each takes; a process that reads takes `reader_cpus`.

    Both kinds fit on a node of one CPU together: were a node's CPUs all taken by models, nobody could read for them.
    """

    workers: int
    worker_cpus: float
    worker_gpus: float
    reader_cpus: float


def layout(resources: Mapping[str, float], workers: int | None) -> Layout:
    """A model on each GPU; where there is none, on each CPU.

    Args:
        resources: what the cluster has, in Ray's words.
        workers: so many models instead; where they are more than CPUs, they share them.
    """
    cpus, gpus = resources.get("CPU", 0.0), int(resources.get("GPU", 0.0))
    if gpus:
        # A GPU waits for nobody who reads with a quarter of a CPU.
        return Layout(min(workers or gpus, gpus), _WORKER_CPUS, 1, 1)
    count = workers or max(1, int(cpus))
    share = _WORKER_CPUS * min(1.0, cpus / count)
    return Layout(count, round(share, 3), 0, 1 - _WORKER_CPUS)


@contextmanager
def connected(address: str | None, workers: int | None) -> Iterator[Mapping[str, float]]:
    """Within: Ray is there. Without an address on this machine's CPUs but one, or for `workers`, and on loopback alone.

    Yields: what the cluster has, in Ray's words.

    Raises: EngineError if Ray is not installed, or nobody answers at the address.
    """
    ray = import_ray()
    own = not ray.is_initialized()
    if own:
        _start(ray, address, workers)
    try:
        yield ray.cluster_resources()
    finally:
        if own:
            ray.shutdown()


def _start(ray: Any, address: str | None, workers: int | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": True}
    if address is None:
        cpus = workers or max(1, (os.cpu_count() or 1) - 1)
        # "local": even where RAY_ADDRESS names a cluster.
        ray.init("local", num_cpus=cpus, include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)
        return
    try:
        _knock(address)
        ray.init(address, **quiet)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        remedy = "start it there: ray start --head --port=6379"
        raise EngineError(f"--address {address}: no Ray cluster answers: {reason}; {remedy}") from None


def _knock(address: str) -> None:
    """Whether anybody listens there: Ray would go on asking for minutes.

    Raises: OSError if nobody does.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    # For the names of this machine Ray takes its outward address, so that it alone can tell.
    if port.isdigit() and host not in ("127.0.0.1", "localhost", "[::1]"):
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_SECONDS).close()


def import_ray() -> Any:
    """Ray, told to report to nobody.

    Raises: EngineError with the command that installs it.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in _QUIET.items()})
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.data
    except ImportError:
        raise EngineError(f"--engine ray: Ray is not installed; install it: {INSTALL}") from None
    return ray
