"""config.read: shorthands, defaults, wrong sources, mistakes; and config.secrets."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import words
from aggregator.config import Reading, read
from aggregator.config.secrets import required_secret, secret, secret_file
from aggregator.errors import ConfigError
from aggregator.settings import Config

ROOT = Path(__file__).parent.parent
MISTAKES = sorted((ROOT / "tests" / "mistakes").glob("*.yaml"))

MINIMAL = """\
site:
  title: Notizie di prova
  url: https://notizie.example.it
sections:
  - Novità
defaults: {section: novita}
sources:
  - https://www.ente.example/feed
"""


def config(text: str) -> Config:
    reading = read(text)
    assert reading.faults == ()
    return reading.config


def with_sources(*lines: str) -> str:
    return "\n".join([MINIMAL.rstrip(), *lines, ""])


def faults(text: str | bytes) -> list[str]:
    """What is wrong with a file, whether it stops us or only one of its sources."""
    try:
        return [str(fault) for fault in read(text).faults]
    except ConfigError as error:
        return list(error.faults)


# --- shorthands and defaults


def test_eight_lines_are_a_configuration() -> None:
    site = config(MINIMAL)
    assert site.site.url == "https://notizie.example.it/"
    assert [(s.id, s.title) for s in site.sections] == [("novita", "Novità")]
    assert [(s.id, s.url, s.section) for s in site.sources] == [
        ("ente-example", "https://www.ente.example/feed", "novita")
    ]
    assert site.mail.folder == "outbox/"
    assert site.web == "none"


def test_announcements_alone_are_enough() -> None:
    text = MINIMAL.split("sources:", maxsplit=1)[0] + "announcements: annunci/\n"
    assert config(text).sources == ()


def test_a_single_section_or_source_needs_no_list() -> None:
    text = MINIMAL.replace("\n  - Novità", " Novità").replace("\n  - https", " https")
    assert config(text) == config(MINIMAL)


def test_ids_made_from_one_host_are_numbered_and_make_way_for_written_ones() -> None:
    text = with_sources(
        "  - https://ente.example/altro",
        "  - {id: ente-example, url: 'https://ente.example/terzo'}",
        "  - https://WWW.Ente.example/x",
    )
    assert [s.id for s in config(text).sources] == [
        "ente-example-2",
        "ente-example-3",
        "ente-example",
        "ente-example-4",
    ]


def test_a_source_takes_what_it_does_not_say_from_defaults_and_site() -> None:
    text = MINIMAL.replace(
        "{section: novita}", "{section: novita, every: 2h, text: title, include: asilo, exclude: nido}"
    )
    text = text.replace("  title:", "  timezone: Europe/London\n  language: en\n  title:")
    text += "  - {id: proprio, url: 'https://a.example/', every: 1d, text: full, language: de,\n"
    text += "     include: [x, y], exclude: []}\n"
    taken, own = config(text).sources
    assert (taken.every, taken.text, taken.include, taken.exclude) == (
        timedelta(hours=2),
        "title",
        ("asilo",),
        ("nido",),
    )
    assert (taken.language, taken.timezone) == ("en", "Europe/London")
    assert (own.every, own.text, own.include, own.exclude) == (timedelta(days=1), "full", ("x", "y"), ())
    assert (own.language, own.timezone) == ("de", "Europe/London")


@pytest.mark.parametrize(("said", "reason"), [("false", ""), ("No", ""), ("off", ""), ("guasto", "guasto")])
def test_a_source_that_is_said_not_to_be_paused_is_asked(said: str, reason: str) -> None:
    text = with_sources(f"  - {{id: a, url: 'https://a.example/', paused: {said}}}")
    assert config(text).sources[1].paused == reason


def test_all_undoes_the_default_include() -> None:
    text = MINIMAL.replace("{section: novita}", "{section: novita, include: asilo}")
    text += "  - {id: tutto, url: 'https://a.example/', include: all}\n"
    assert [s.include for s in config(text).sources] == [("asilo",), ()]


def test_named_words_open_wherever_patterns_stand_even_within_one_another() -> None:
    text = (
        MINIMAL.replace("{section: novita}", "{section: novita, include: $tutti}")
        + "words:\n  asilo: [profug*, rifugiat*]\n  tutti: [$asilo, migrant*, $asilo]\n"
        + "rules:\n  - {when: {title: [$asilo, fami]}, tag: asilo}\n"
    )
    read_in = config(text)
    assert read_in.sources[0].include == ("profug*", "rifugiat*", "migrant*")
    assert read_in.defaults.include == read_in.words["tutti"] == ("profug*", "rifugiat*", "migrant*")
    assert read_in.rules[0].when.title == ("profug*", "rifugiat*", "fami")


def test_lists_of_words_that_name_each_other_do_not_blow_up() -> None:
    lists = [f"  l{n}: [$l{n + 1}, $l{n + 1}, $l{n + 1}, $l0]" for n in range(60)]
    text = MINIMAL + "\n".join(["words:", *lists, "  l60: [fine]", ""])
    assert config(text).words["l0"] == ("fine",)


def test_a_top_level_key_whose_lines_are_commented_out_is_as_good_as_absent() -> None:
    assert config(MINIMAL + "rules:\n  # - {when: {title: x}, drop: true}\nnewsletters:\n") == config(MINIMAL)


def test_bom_and_crlf_are_read() -> None:
    windows = b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode()
    assert read(windows).config == config(MINIMAL)


def test_words_that_other_yaml_readers_take_for_something_else_stay_words() -> None:
    text = MINIMAL.replace("Notizie di prova", "no") + "newsletters: [{id: '12', title: 2024, when: mon 08:00}]\n"
    assert (config(text).site.title, config(text).newsletters[0].title) == ("no", "2024")


def test_a_sender_with_a_comma_in_its_name_is_put_in_quotes() -> None:
    text = MINIMAL + "mail: {from: 'Comune di S. Prova, ufficio <a@example.it>', reply_to: b@example.it}\n"
    mail = config(text).mail
    assert (mail.sender, mail.reply_to) == ('"Comune di S. Prova, ufficio" <a@example.it>', "b@example.it")


# --- what is wrong


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_a_mistake_is_told_in_these_very_words(path: Path) -> None:
    raw = path.read_bytes()
    expected = [
        line.removeprefix(b"# expect: ").decode() for line in raw.splitlines() if line.startswith(b"# expect: ")
    ]
    assert expected
    assert faults(raw) == expected


def test_a_wrong_source_is_named_and_the_others_are_read() -> None:
    reading = read(
        with_sources(
            "  - {id: rotta, url: ftp://a.example/}",
            "  - {url: 'https://b.example/', sezione: novita}",
            "  - 3",
            "  - {id: buona, url: 'https://c.example/'}",
        )
    )
    assert [s.id for s in reading.config.sources] == ["ente-example", "buona"]
    assert reading.invalid == ("rotta", "b-example", "sources[3]")
    assert [(f.line, f.column, f.key) for f in reading.faults] == [
        (9, 22, "sources[1].url"),
        (10, 33, "sources[2].sezione"),
        (11, 5, "sources[3].url"),
    ]


def test_a_rule_may_name_a_source_that_is_wrong() -> None:
    text = with_sources("  - {id: rotta, url: ftp://a.example/}") + "rules: [{when: {source: rotta}, tag: x}]\n"
    assert read(text).invalid == ("rotta",)


def test_every_fault_is_found_in_one_pass_and_told_in_the_order_of_the_file() -> None:
    text = (
        MINIMAL.replace("title: Notizie", "titolo: Notizie").replace("section: novita", "section: nvita")
        + "  - {id: a, url: x, every: mai}\nrules: [{when: {source: b}, section: c}]\nweb: {listen: qui}\nbogus: 1\n"
    )
    told = [fault.split(": ")[0].removeprefix("feeds.yaml:") for fault in faults(text)]
    assert told == [
        "2:3 site.titolo",
        "6:21 defaults.section",
        "9:18 sources[1].url",
        "9:28 sources[1].every",
        "10:25 rules[0].when.source",
        "10:38 rules[0].section",
        "11:15 web.listen",
        "12:1 bogus",
    ]


def test_a_missing_blank_after_a_colon_is_named_where_yaml_can_be_read_all_the_same() -> None:
    assert "site: expected keys such as title, url, language, found 'title:Comune'; a blank is missing" in "".join(
        faults("site:\n  title:Comune\n")
    )
    assert "feeds.yaml:1:8 site.title:Comune: a blank is missing after the colon" in faults("site: {title:Comune}\n")


def test_the_file_is_called_as_the_caller_calls_it() -> None:
    with pytest.raises(ConfigError, match=r"^altro\.yaml:1:1: expected site:"):
        read("", "altro.yaml")


def test_utf_16_is_called_by_its_name() -> None:
    assert faults(MINIMAL.encode("utf-16")) == ["feeds.yaml:1:1: the file is UTF-16; save it as UTF-8"]


def test_ten_thousand_brackets_are_one_fault() -> None:
    assert faults("a: " + "[" * 10_000) == ["feeds.yaml:1:24: too many levels below one another"]


def test_a_very_long_number_is_a_fault_like_any_other() -> None:
    told = faults(MINIMAL + "network: {timeout: " + "9" * 5000 + "d, per_host: " + "9" * 5000 + "}\n")
    assert [line.split(": ")[0] for line in told] == [
        "feeds.yaml:9:20 network.timeout",
        "feeds.yaml:9:5033 network.per_host",
    ]


keys = st.sampled_from(
    (
        "site title url language timezone publisher theme color links sections id kind words defaults section every "
        "include exclude sources page select text rank keep_days auth announcements rules when tag also drop source "
        "newsletters draft limit editors alerts to mail from smtp host port bounces rate store output web listen "
        "publish network allow_private"
    ).split()
)
scalars = (
    st.none()
    | st.text(max_size=5)
    | st.sampled_from(["all", "$x", "/[/", "news", "https://a.example/", "1d", "0", "*", "none"])
)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5), max_leaves=25
)


@given(st.dictionaries(keys, trees, max_size=8))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_the_file_it_is_read_or_told_in_plain_words(tree: dict[str, object]) -> None:
    base = yaml.safe_load(MINIMAL)
    told = faults(yaml.safe_dump(base | tree, allow_unicode=True))
    for fault in told:
        assert fault.startswith("feeds.yaml:")
        assert "\n" not in fault
        assert not any(
            word in fault for word in ("Input", "value_error", "NoneType", "dict", "tuple", "literal", "function-")
        )


@given(st.binary(max_size=40) | st.text(alphabet="a:-#[]{}&*!|>'\"%@`,\t\n \\$", max_size=30).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    assert faults(raw)


# --- private folders and the output


def test_a_link_to_a_private_folder_is_no_place_for_the_output(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "public").symlink_to("data")
    assert not faults(MINIMAL)
    with pytest.raises(ConfigError, match="data/ is private and would be published, found 'public/'"):
        read(MINIMAL, root=tmp_path)


def test_an_absolute_output_that_holds_the_site_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this one holds feeds"):
        read(f"{MINIMAL}output: {tmp_path}\n", root=tmp_path / "sito")


@pytest.mark.parametrize(
    "more",
    [
        "store: sqlite:///aggregator.db",
        "store: postgresql://public/x",
        "output: sito/\nmail: {folder: ./}",
        "output: ../public/",
        "output: public/data/",
        "announcements: announcements/",
    ],
)
def test_folders_that_keep_apart_are_right(more: str) -> None:
    assert not faults(f"{MINIMAL}{more}\n")


# --- the shipped file


@pytest.fixture(scope="module")
def shipped() -> Reading:
    return read((ROOT / "feeds.yaml").read_bytes())


def test_the_shipped_file_is_clean(shipped: Reading) -> None:
    assert (shipped.faults, shipped.invalid) == ((), ())
    assert [s.id for s in shipped.config.sections] == ["news", "agenda", "documenti", "legislazione", "domande"]
    assert all(source.every <= timedelta(days=1) for source in shipped.config.sources)


@pytest.mark.parametrize(
    "title",
    [
        "Corso di italiano per stranieri alla biblioteca",
        "Sportello immigrazione: nuovi orari",
        "Rinnovo del permesso di soggiorno per lavoro",
        "Contributi per l’accoglienza dei richiedenti asilo",
        "Accoglienza dei profughi, riunione in Prefettura",
        "Direttiva sui cittadini di Paesi terzi soggiornanti di lungo periodo",
        "Guidelines on asylum and third-country nationals",
    ],
)
def test_what_concerns_immigration_is_kept(shipped: Reading, title: str) -> None:
    assert words.compile(shipped.config.defaults.include).matches(title)
    assert not words.compile(shipped.config.defaults.exclude).matches(title)


@pytest.mark.parametrize(
    "title",
    [
        "Asilo nido: aperte le iscrizioni",
        "Domanda di asilo nido per il prossimo anno",
        "Bando asilo comunale, graduatoria provvisoria",
        "Migliorie stradali in via Roma",
        "Migrazione al cloud dei servizi anagrafici",
        "Osservazione degli uccelli migratori alla foce",
        "Trasferimento di dati personali verso paesi terzi",
        "Concorso per istruttore: requisito la cittadinanza italiana",
        "Reddito di cittadinanza e progetti utili alla collettività",
        "Permesso di sosta per residenti: rinnovo",
        "Imposta di soggiorno, le nuove tariffe",
        "Permesso di costruire convenzionato",
        "Corsi di lingua straniera per adulti",
        "Rifugio alpino chiuso per lavori",
        "Protezione civile: allerta arancione",
        "Accoglienza dei nuovi nati in biblioteca",
    ],
)
def test_other_notices_of_a_municipality_are_left_out(shipped: Reading, title: str) -> None:
    kept = words.compile(shipped.config.defaults.include).matches(title)
    assert not kept or words.compile(shipped.config.defaults.exclude).matches(title)


# --- secrets


def dotenv(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / ".env"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return folder


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    root = dotenv(tmp_path, "PAROLA=file\n")
    assert secret("PAROLA", root, {"PAROLA": "ambiente"}) == "ambiente"
    assert secret("PAROLA", root, {}) == "file"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("K=abc", "abc"),
        ("export K = abc  # commento", "abc"),
        ("K='a # b'", "a # b"),
        ('K="a=b" # commento', "a=b"),
        ("K=a#b", "a#b"),
        ("K=", None),
        ("# K=abc", None),
    ],
)
def test_lines_of_the_file(tmp_path: Path, line: str, value: str | None) -> None:
    assert secret("K", dotenv(tmp_path, f"ALTRO=1\n\n{line}\n"), {}) == value


@pytest.mark.parametrize("body", ["parola d'ordine #1", "parola d'ordine #1\n", "\ufeffparola d'ordine #1\r\n"])
def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path, body: str) -> None:
    (tmp_path / "smtp").write_text(body, encoding="utf-8", newline="")
    assert secret_file("smtp", "mail.smtp.password_file", tmp_path) == "parola d'ordine #1"
    assert secret_file(str(tmp_path / "smtp"), "mail.smtp.password_file", Path("/nowhere")) == "parola d'ordine #1"


@pytest.mark.parametrize(
    ("body", "why"),
    [(None, "cannot be read: No such file"), (b"", "must hold one line"), (b"a\nb\n", "must hold"), (b"\xff", "UTF-8")],
)
def test_a_file_that_holds_no_secret_says_so_and_tells_none(tmp_path: Path, body: bytes | None, why: str) -> None:
    if body is not None:
        (tmp_path / "smtp").write_bytes(body)
    with pytest.raises(ConfigError, match=re.escape(why)) as told:
        secret_file("smtp", "mail.smtp.password_file", tmp_path)
    assert str(told.value).startswith(f"mail.smtp.password_file: {tmp_path / 'smtp'} ")


def test_a_secret_that_is_needed_and_missing_names_both_places(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        required_secret("SMTP_PASSWORD", "mail.smtp.password_env", tmp_path, {})
    assert str(caught.value) == (
        "mail.smtp.password_env: SMTP_PASSWORD is not set: set it in the environment, "
        f"or write a line SMTP_PASSWORD=… into {tmp_path / '.env'}"
    )


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    root = dotenv(tmp_path, "K=abc\n", mode=0o640)
    with pytest.raises(ConfigError, match=f"chmod 600 {tmp_path}/.env$"):
        secret("K", root, {})


def test_a_broken_line_is_named_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.env:2:1: expected KEY=value$"):
        secret("K", dotenv(tmp_path, "A=1\nsegretissimo\n"), {})


def test_the_only_section_is_every_sources_own() -> None:
    text = "site: {title: T, url: 'https://notizie.example.it'}\nsections: [News]\nsources: ['https://ente.example.it/rss']\n"
    reading = read(text)
    assert not reading.faults
    assert reading.config.sources[0].section == "news"


@pytest.mark.parametrize("letter", ["\x07", "\x7f", "\x80", "\x9f", "\uffff"])
def test_an_invisible_letter_is_told_with_its_place(letter: str) -> None:
    with pytest.raises(ConfigError, match=r"^feeds\.yaml:2:11.*invisible control character"):
        read(f"site:\n  title: A{letter}\n")
