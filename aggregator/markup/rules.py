"""What of HTML is let in: tags, attributes, schemes."""

from __future__ import annotations

TAGS = set(
    "a abbr address article aside b bdi bdo big blockquote br caption cite code col colgroup dd del details dfn div dl"
    " dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small"
    " span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
DROPPED = set(  # with all they hold
    "applet audio canvas iframe math noembed noframes noscript object script select style svg template textarea title"
    " video".split()
)
ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "del": {"datetime"},
    "ins": {"datetime"},
}
LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-srcset", "data-lazy-srcset", "srcset")
IMAGE_ATTRIBUTES = ATTRIBUTES | {"img": {*ATTRIBUTES["img"], *LAZY, "style"}}
SCHEMES = {"http", "https", "mailto", "tel"}
