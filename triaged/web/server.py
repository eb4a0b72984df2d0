"""/healthz, /livez and /metrics: how the daemon is doing, for load balancers and Prometheus. Loopback unless told otherwise.

Bounds on connections stand in triaged/web/protocol.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from triaged import __version__, maillog
from triaged.config.config import Http
from triaged.edge import peers
from triaged.edge.listening import listening
from triaged.metrics import Metrics

if TYPE_CHECKING:
    import uvicorn

Health = Callable[[], tuple[bool, dict[str, Any]]]


class HttpServer:
    """Serves in a thread of its own; `port` tells the port really bound (0 asks the system for one)."""

    def __init__(self, config: Http, health: Health, metrics: Metrics) -> None:
        self.host, self.asked = config.host, config.port
        self._server = _server(config, health, metrics)
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    def start(self) -> None:
        """Bind and serve. Raises Faulty where the address can't be had."""
        # uvicorn exits the process when it can't bind; so the first try is ours and raises.
        sock = listening(self.host, self.asked, f"http: cannot listen on {self.host}:{self.asked}")
        self.port = int(sock.getsockname()[1])
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [sock]}, name="http", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, then end; waits at most 5 seconds."""
        self._server.should_exit = True
        if self._thread.ident is not None:  # it may never have been bound
            self._thread.join(5)


def _server(config: Http, health: Health, metrics: Metrics) -> uvicorn.Server:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    from triaged.web.protocol import bounded

    def healthz(request: Request) -> Response:
        well, what = health()
        return JSONResponse(what, status_code=200 if well else 503)

    def livez(request: Request) -> Response:
        return JSONResponse({"status": "alive", "version": __version__})

    def exposition(request: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    def refused(why: str) -> None:
        maillog.refused("http", why)
        metrics.refused.labels("http").inc()

    app = Starlette(
        routes=[Route("/healthz", healthz), Route("/livez", livez), Route("/metrics", exposition)]
    )
    app.router.redirect_slashes = False  # it would send people wherever the Host header says
    bounds = peers.Connections(config.max_connections, config.max_connections_per_peer)
    settings = uvicorn.Config(
        app,
        http=bounded(bounds, config.timeout_seconds, refused),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=[("connection", "close")],
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(settings)
    # Our own signal handling stays in charge (SIGTERM stops the walk in order, SIGHUP reloads).
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server
