from datetime import tzinfo

class IntervalTrigger:
    def __init__(self, *, seconds: int = ..., timezone: tzinfo | str | None = ...) -> None: ...
