from collections.abc import Callable
from datetime import datetime, tzinfo

from apscheduler.triggers.interval import IntervalTrigger

class BackgroundScheduler:
    def __init__(self, *, timezone: tzinfo | str | None = ...) -> None: ...
    def add_job(
        self,
        func: Callable[[], object],
        trigger: IntervalTrigger,
        *,
        id: str = ...,
        next_run_time: datetime = ...,
        misfire_grace_time: int | None = ...,
        coalesce: bool = ...,
        max_instances: int = ...,
    ) -> object: ...
    def start(self) -> None: ...
    def shutdown(self, wait: bool = ...) -> None: ...
