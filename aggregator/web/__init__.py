"""ASGI: the published files over HTTP, and where `web:` is set, what no file can answer."""
