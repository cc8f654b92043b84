"""ASGI: the published files over HTTP."""
