"""GET /health, for whoever watches whether the site is kept going; GET /metrics, for Prometheus on this machine."""

from __future__ import annotations

import ipaddress
from importlib.metadata import version

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from aggregator.answers.vitals import Vitals
from aggregator.app import App
from aggregator.errors import AggregatorError

_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def vital_routes(site: App) -> list[BaseRoute]:
    def health(_request: Request) -> Response:  # no coroutine: Starlette gives it a thread
        try:
            told = site.vitals()
        except AggregatorError:
            return JSONResponse({"status": "down", "problems": ["store: cannot be reached"]}, 503, _HEADERS)
        status = "down" if not told.is_alive else "degraded" if told.problems else "ok"
        ended = {job: report.ended.isoformat() for job, report in told.reports.items()}
        return JSONResponse(
            {"status": status, "problems": told.problems, "ended": ended}, 200 if told.is_alive else 503, _HEADERS
        )

    def metrics(request: Request) -> Response:
        if not _is_of_this_machine(request):
            return PlainTextResponse("404: there is nothing at this address\n", 404, _HEADERS)
        try:
            body = generate_latest(_registry(site.vitals()))
        except AggregatorError as error:
            return PlainTextResponse(f"503: {type(error).__name__}\n", 503, _HEADERS)
        return Response(body, headers={**_HEADERS, "Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/health", health, methods=["GET"]), Route("/metrics", metrics, methods=["GET"])]


def _is_of_this_machine(request: Request) -> bool:
    """By the address a web server before us tells, where there is one."""
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _registry(told: Vitals) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"bollettino_{name}", meaning, labels, registry=registry)

    gauge("info", "The version of the program.", "version").labels(version("bollettino")).set(1)
    gauge("alive", "Whether sources are pulled as often as they should be.").set(told.is_alive)
    for name, meaning, label, counts in (
        ("sources", "Sources by state.", "state", told.sources),
        ("outbox_messages", "Messages of the outbox by state.", "state", told.outbox),
        ("subscribers", "Subscribers by consent.", "consent", told.subscribers),
    ):
        by = gauge(name, meaning, label)
        for value, number in counts.items():
            by.labels(value).set(number)
    ended = gauge("job_ended_timestamp_seconds", "When a job ended last.", "job")
    took = gauge("job_duration_seconds", "How long it took.", "job")
    failed = gauge("job_failures", "What failed in it.", "job")
    counted = gauge("job_count", "What it counted.", "job", "name")
    for job, report in told.reports.items():
        ended.labels(job).set(report.ended.timestamp())
        took.labels(job).set((report.ended - report.started).total_seconds())
        failed.labels(job).set(len(report.failures))
        for name, number in report.counts.items():
            counted.labels(job, name).set(number)
    return registry
