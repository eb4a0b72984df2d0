"""Work that takes minutes, as pages show it: how far it is, by whom, and the button that ends it. A reload loses nothing."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from triaged.store.jobs import Job
from triaged.web.job_process import now
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit, go, number

_BACK = {"backtest": "/rules/draft#backtest"}


def of(visit: Visit, kind: str) -> Job | None:
    """The last of a kind."""
    job = visit.house.store.last_job(kind)
    return visit.house.working.settled(job) if job else None


def is_silent(job: Job | None) -> bool:
    """Whether its process has died; by the clock that its process tells its times by."""
    return job is not None and job.is_silent(now())


def progress(visit: Visit) -> Response:
    """How far it is, for the page's script."""
    job = _job(visit)
    return JSONResponse({"state": job.state, "done": job.done, "total": job.total})


def cancel(visit: Visit) -> Response:
    """End it, wherever it runs. A promotion is never cut off."""
    job = _job(visit)
    if job.kind != "promote":
        visit.house.working.cancel(job.id, visit.who.address)
    return go(_BACK.get(job.kind, "/model"))


def _job(visit: Visit) -> Job:
    job = visit.house.store.job(number(visit.request.path_params["number"]))
    if job is None:
        raise HTTPException(404)
    return visit.house.working.settled(job)


PAGES = (
    get("/jobs/{number}", May.LEAD, progress),
    post("/jobs/{number}/cancel", May.LEAD, cancel),
)
