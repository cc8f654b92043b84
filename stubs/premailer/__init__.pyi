"""The part of premailer that we use."""

class Premailer:
    def __init__(
        self,
        html: str,
        *,
        strip_important: bool = ...,
        allow_network: bool = ...,
        allow_loading_external_files: bool = ...,
        disable_validation: bool = ...,
        cssutils_logging_level: int = ...,
        remove_classes: bool = ...,
    ) -> None: ...
    def transform(self, *, pretty_print: bool = ...) -> str: ...
