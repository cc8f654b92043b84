"""HTML with a style sheet -> HTML with style attributes, as mail programs want it. Only this file knows premailer."""

from __future__ import annotations

import logging

from aggregator.errors import RenderError


def inlined(html: str, template: str) -> str:
    """Styles moved onto the elements they select; `template` is named in a RenderError.

    `<style data-premailer="ignore">` stays in the head as it is: media queries and dark mode. Nothing is fetched.
    The text must begin with `<!DOCTYPE html>` in this letter case, or the doctype is lost.
    """
    from cssselect import SelectorError  # here, as only what is mailed needs them
    from premailer import Premailer

    if "<body" not in html:
        raise RenderError(f"templates/{template}: a mail needs <html>, <head> and <body>")
    try:
        return Premailer(
            html,
            strip_important=False,  # else the kept media queries lose the !important that makes them work
            allow_network=False,
            allow_loading_external_files=False,
            disable_validation=True,
            cssutils_logging_level=logging.CRITICAL,
            remove_classes=False,  # the kept media queries select by class
        ).transform(pretty_print=False)
    except SelectorError as error:
        raise RenderError(
            f"templates/{template}: its style sheet has a selector that cannot be read: {error}"
        ) from error
