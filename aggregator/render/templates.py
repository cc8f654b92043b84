"""{name: text} of the templates folder, and the pictures in it -> pages and mails; every fault names file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from hashlib import blake2b
from typing import Protocol
from zoneinfo import ZoneInfo

import jinja2
from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.bccache import Bucket

from aggregator import i18n
from aggregator.errors import BadTemplateError, RenderError


class Compiled(Protocol):
    """What other processes compiled, by a key that names everything it hangs on but the Python that made it."""

    def get(self, key: str) -> bytes:
        """Empty where it is not known."""
        ...

    def put(self, key: str, code: bytes) -> None: ...


class Templates:
    """Two environments a language: `*.html` escapes what it is given, everything else does not."""

    def __init__(
        self,
        sources: Mapping[str, str],
        zone: ZoneInfo,
        pictures: Mapping[str, bytes] | None = None,
        compiled: Compiled | None = None,
    ) -> None:
        self.pictures = dict(pictures or {})  # beside the templates: logos
        self._sources = dict(sources)
        self._zone = zone
        self._compiled = compiled
        self._environments: dict[tuple[str, bool], Environment] = {}

    @property
    def signature(self) -> str:
        """Another one, if any template or picture is another."""
        told = repr((sorted(self._sources.items()), sorted(self.pictures.items())))
        return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def looks(self) -> tuple[str, ...]:
        """The names of the newsletter's looks."""
        found = (re.fullmatch(r"newsletter/([^/]+)/issue\.html", name) for name in sorted(self._sources))
        return tuple(look[1] for look in found if look)

    def render(self, template: str, language: str, /, **context: object) -> str:
        """The filled-in template; RenderError names the file and the line at fault."""
        try:
            return self._environment(language, template.endswith(".html")).get_template(template).render(**context)
        except TemplateSyntaxError as error:
            raise BadTemplateError(f"templates/{error.name}:{error.lineno}: {error.message}") from error
        except TemplateNotFound as error:
            place = _place(error) or f"templates/{template}"
            raise BadTemplateError(f"{place}: no template named {error.name!r}") from error
        except Exception as error:  # a template is a program of the instance's: it may raise anything
            if not (place := _place(error)):
                raise
            if isinstance(error, UndefinedError):
                raise BadTemplateError(f"{place}: {error}") from error
            raise RenderError(f"{place}: {type(error).__name__}: {error}") from error

    def _environment(self, language: str, escape: bool) -> Environment:
        key = (language, escape)
        if key not in self._environments:
            self._environments[key] = self._build(language, escape)
        return self._environments[key]

    def _build(self, language: str, escape: bool) -> Environment:
        environment = Environment(
            loader=FunctionLoader(self._load),
            autoescape=escape,  # noqa: S701 - plain text and CSS have nothing to escape
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            extensions=["jinja2.ext.i18n"],
            bytecode_cache=_Kept(self._compiled, f"{language} {escape}") if self._compiled else None,
        )
        catalogue = i18n.translations(language)
        environment.install_gettext_callables(catalogue.gettext, catalogue.ngettext, newstyle=True)  # type: ignore[attr-defined]
        environment.filters |= _filters(language, self._zone)
        return environment

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """Source and file name: the latter is what Jinja writes into tracebacks, and `_place` reads there."""
        text = self._sources.get(name)
        return None if text is None else (text, f"templates/{name}", lambda: True)


class _Kept(jinja2.BytecodeCache):
    """Compiling the templates of a page takes longer than filling it in a hundred times."""

    def __init__(self, compiled: Compiled, environment: str) -> None:
        self._compiled = compiled
        self._environment = environment

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._compiled.get(self._key(bucket)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled.put(self._key(bucket), bucket.bytecode_to_string())

    def _key(self, bucket: Bucket) -> str:
        """Jinja's own two are hashes of the template's name and of its text."""
        return f"{jinja2.__version__} {self._environment} {bucket.key} {bucket.checksum}"


def _filters(language: str, zone: ZoneInfo) -> dict[str, Callable[..., str]]:
    def long_date(moment: date | datetime) -> str:
        return i18n.long_date(moment, language, zone)

    def weekday_date(moment: date | datetime) -> str:
        return i18n.weekday_date(moment, language, zone)

    def date_as(moment: date | datetime, pattern: str) -> str:
        return i18n.date_as(moment, pattern, language, zone)

    def short_date(moment: date | datetime) -> str:
        return date_as(moment, "dd/MM/y")

    def iso_date(moment: date | datetime) -> str:
        return i18n.local_day(moment, zone).isoformat()

    def clock_time(moment: datetime) -> str:
        return i18n.clock_time(moment, language, zone)

    def file_size(length: int) -> str:
        return i18n.file_size(length, language)

    return {f.__name__: f for f in (long_date, weekday_date, date_as, short_date, iso_date, clock_time, file_size)}


def _place(error: Exception) -> str:
    """`templates/file:line` of the innermost template in a traceback, or "".

    Jinja puts a stand-in frame, which knows the template's own file and line, in the place of each frame of its
    compiled code (`jinja2.debug.rewrite_traceback_stack`).
    """
    place, trace = "", error.__traceback__
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
