"""What any web server must know to serve the output folder as ours does: types, what is packed, the page of 404."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from aggregator.model import Document
from aggregator.settings import Site, Web

# What programs ask for, from whatever site; and as what.
TYPES = {
    ".atom": "application/atom+xml",
    ".rss": "application/rss+xml",
    ".json": "application/feed+json",
    ".ics": "text/calendar",
    ".opml": "text/x-opml",
}
_SEARCHED = r"[0-9]+-[0-9]+\.json"  # no feed: what the search page asks for, month by month
_PACKED = (".atom", ".rss", ".json", ".ics")


def media_type(name: str) -> str:
    """Of a file that programs ask for; empty for any other."""
    return "application/json" if re.fullmatch(_SEARCHED, name) else TYPES.get(f".{name.rpartition('.')[2]}", "")


def packed(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents, and of those that programs ask for again and again one more, packed (RFC 1952) without a date."""
    for document in documents:
        yield document
        if document.path.endswith(_PACKED):
            body = gzip.compress(document.body, 9, mtime=0)
            yield Document(f"{document.path}.gz", body, document.media_type, document.fault)


def settings(site: Site, web: Literal["none"] | Web = "none") -> Iterator[Document]:
    """`.htaccess`, which Apache reads by itself, and `.nginx.conf`, to be included in nginx's `server`; the latter also
    passes on what only the web side answers, where there is one."""
    root = urlsplit(site.url).path
    not_found = f"{root}404.html"
    yield Document(".htaccess", _APACHE.format(not_found=not_found, types=_apache_types()).encode(), "text/plain")
    passed = "" if web == "none" else _PASSED.format(root=root, name=re.escape(root), at=_reached(web.listen))
    nginx = _NGINX.format(not_found=not_found, passed=passed, types=_nginx_types())
    yield Document(".nginx.conf", nginx.encode(), "text/plain")


_APACHE = """# Written by the bulletin at each publish. Apache reads it where AllowOverride lets it.
AddDefaultCharset utf-8
AddCharset utf-8 .css .js .txt .xml
ErrorDocument 404 {not_found}
Options -Indexes -MultiViews
FileETag MTime Size
RemoveType .gz
AddEncoding gzip .gz
{types}<FilesMatch "^\\.">
  Require all denied
</FilesMatch>
<IfModule mod_headers.c>
  Header set Cache-Control "no-cache"
</IfModule>
<IfModule mod_rewrite.c>
  RewriteEngine On
  RewriteCond %{{HTTP:Accept-Encoding}} \\bgzip\\b
  RewriteCond %{{REQUEST_FILENAME}}.gz -f
  RewriteRule ^(.*)\\.(atom|rss|json|ics)$ $1.$2.gz [L,E=no-gzip:1]
</IfModule>
"""

_NGINX = """# Written by the bulletin at each publish. In the server block of the site: include /its/folder/.nginx.conf;
charset utf-8;
charset_types text/plain text/css text/javascript application/javascript application/xml;
etag on;
gzip_static on;
error_page 404 {not_found};
add_header Cache-Control no-cache;
{passed}location ~ /\\.(?!well-known/) {{ return 404; }}
{types}"""


# The pages of people: nobody writes down who opened which link, and what is wrong with them is not told with their
# address, which holds a token. `$remote_addr` is what limits count; what the client claims is not passed on.
_PASSED = """location ~ ^{name}(subscribe$|confirm/|leave/|preferences/|r/) {{
  access_log off;
  error_log /dev/null;
  client_max_body_size 32k;
  rewrite ^{name}(.*)$ /$1 break;
  proxy_pass http://{at};
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
}}
location = {root}search {{
  rewrite ^ /search break;
  proxy_pass http://{at};
  proxy_set_header Host $host;
}}
"""


def _reached(listen: str) -> str:
    """Where the web side is found by who stands on the same machine."""
    host, _, port = listen.rpartition(":")
    return f"{ {'0.0.0.0': '127.0.0.1', '[::]': '[::1]'}.get(host, host) }:{port}"  # noqa: S104


def _apache_types() -> str:
    """The last one that fits counts."""
    named = [*((rf"\{suffix}", kind) for suffix, kind in TYPES.items()), (f"^{_SEARCHED}", "application/json")]
    return "".join(_APACHE_TYPE.format(name=name, kind=kind) for name, kind in named)


_APACHE_TYPE = """<FilesMatch "{name}(\\.gz)?$">
  ForceType "{kind}; charset=utf-8"
  <IfModule mod_headers.c>
    Header set Access-Control-Allow-Origin "*"
    Header set Vary Accept-Encoding
  </IfModule>
</FilesMatch>
"""


def _nginx_types() -> str:
    """The first one that fits counts."""
    named = [(f"/{_SEARCHED}", "application/json"), *((rf"\{suffix}", kind) for suffix, kind in TYPES.items())]
    return "".join(_NGINX_TYPE.format(name=name, kind=kind) for name, kind in named)


_NGINX_TYPE = """location ~ {name}$ {{
  types {{}}
  default_type "{kind}; charset=utf-8";
  add_header Cache-Control no-cache;
  add_header Access-Control-Allow-Origin *;
  add_header Vary Accept-Encoding;
}}
"""
