"""What a source asks, and the admin's answer, from the first pull to the file that was edited."""

from __future__ import annotations

from tests.cli.desk import Desk
from tests.servers import Answer, Route, redirect, serve

DAYS = [f"2026-06-{day:02}T09:00" for day in range(10, 20)]


def feed(guid: str, extra: str = "") -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}-{n}</guid><title>Bando {n}</title>"
        f"<description>Testo del bando {n}</description></item>"
        for n in range(6)
    )
    return f"<rss version='2.0'><channel><title>Comune</title>{items}{extra}</channel></rss>".encode()


def test_a_source_that_moved_is_asked_about_and_its_new_address_is_written_with_all_comments_kept(desk: Desk) -> None:
    routes: dict[str, Route] = {"/feed": feed("uno"), "/nuovo": feed("uno")}
    with serve(routes) as web:
        desk.write({"comune": web.url("/feed")}, "# in fondo\n")
        before = (desk.folder / "feeds.yaml").read_text(encoding="utf-8")
        desk("--now", DAYS[0], "pull")
        routes["/feed"] = redirect("/nuovo")
        for day in DAYS[1:4]:
            assert desk("--now", day, "pull").code == 0
            assert ("moved for good" in desk("--now", day, "sources").out) is (day == DAYS[3])
        told = desk("--now", DAYS[3], "sources", "--problems").out
        assert f"moved for good to {web.url('/nuovo')}" in told
        assert "`aggregator accept comune`" in told
        ran = desk("--now", DAYS[3], "accept", "comune", "--json")
        assert (ran.code, ran.told["job"], ran.told["counts"]) == (0, "accept", {"moved": 1})
        after = (desk.folder / "feeds.yaml").read_text(encoding="utf-8")
        assert after == before.replace(web.url("/feed"), web.url("/nuovo"))
        again = desk("--now", DAYS[4], "pull", "--json").told["counts"]
        assert (again["sources"], again["new"], again["changed"]) == (1, 0, 0)
        assert "nothing is wrong" in desk("--now", DAYS[4], "sources", "--problems").out


def test_a_source_that_turned_new_is_set_aside_and_let_in_as_archive(desk: Desk) -> None:
    routes: dict[str, Route] = {"/feed": feed("uno")}
    with serve(routes) as web:
        desk.write({})
        desk.file(
            "feeds.yaml",
            "site: {title: Prova, url: https://notizie.example.it/}\nsections: [News]\nsources:\n"
            f"  - {{id: comune, url: {web.url('/feed')}, identity: guid}}\n",
        )
        desk("--now", DAYS[0], "pull")
        routes["/feed"] = feed("due")
        desk("--now", DAYS[1], "pull")
    (state,) = desk("--now", DAYS[1], "sources", "--json").lines
    assert state["state"] == "quarantined"
    assert "aggregator accept comune" in state["problem"]
    desk("--now", DAYS[1], "publish")
    assert len(list((desk.folder / "public/entries").iterdir())) == 6
    ran = desk("--now", DAYS[1], "accept", "comune")
    assert (ran.code, ran.out) == (0, "accept: archived 6\nnext: aggregator publish\n")
    desk("--now", DAYS[1], "publish")
    assert len(list((desk.folder / "public/entries").iterdir())) == 12


def test_who_asks_nothing_and_who_is_unknown_are_told(desk: Desk) -> None:
    with serve({"/feed": feed("uno")}) as web:
        desk.write({"comune": web.url("/feed")})
        desk("--now", DAYS[0], "pull")
    ran = desk("--now", DAYS[0], "reject", "comune")
    assert (ran.code, ran.err) == (2, "comune asks nothing; `aggregator sources comune` says how it fares\n")
    assert "did you mean 'comune'?" in desk("accept", "comuna").err


def test_a_rejected_move_leaves_the_file_and_asks_no_more(desk: Desk) -> None:
    routes: dict[str, Route] = {"/feed": feed("uno"), "/nuovo": Answer(feed("uno"))}
    with serve(routes) as web:
        desk.write({"comune": web.url("/feed")})
        desk("--now", DAYS[0], "pull")
        routes["/feed"] = redirect("/nuovo", 308)
        for day in DAYS[1:5]:
            desk("--now", day, "pull")
        before = (desk.folder / "feeds.yaml").read_bytes()
        assert desk("--now", DAYS[5], "reject", "comune").code == 0
        desk("--now", DAYS[6], "pull")
        assert "nothing is wrong" in desk("--now", DAYS[6], "sources", "--problems").out
    assert (desk.folder / "feeds.yaml").read_bytes() == before


def test_a_letter_to_the_webmaster_says_what_is_wrong_in_the_language_of_the_source(desk: Desk) -> None:
    with serve({"/morto": Answer(status=404), "/feed": feed("uno")}) as web:
        desk.write({"morto": web.url("/morto"), "comune": web.url("/feed")})
        desk("--now", DAYS[0], "pull")
        letter = desk("--now", DAYS[5], "sources", "morto", "--letter").out
        assert letter.startswith(f"Il vostro feed {web.url('/morto')}\n\nGentile redazione,\n")
        assert "Dal giorno 10 giugno 2026 non riusciamo più a leggerlo" in letter
        assert "the server answered 404" in letter
        assert "ogni 6 ore" in letter
        assert "Bollettino/" in letter
    told = desk("--now", DAYS[5], "sources", "morto", "--letter", "--json").told
    assert told["to"] is None
    assert letter == f"{told['subject']}\n\n{told['text']}"
    assert "aggregator sources SOURCE --letter" in desk("sources", "--letter").err


def test_there_is_nothing_to_write_where_nothing_is_wrong(desk: Desk) -> None:
    with serve({"/feed": feed("uno")}) as web:
        desk.write({"comune": web.url("/feed")})
        desk("--now", DAYS[0], "pull")
        assert "nothing to write" in desk("--now", DAYS[0], "sources", "comune", "--letter").out


def test_alerts_leave_with_the_other_mails_of_a_run_for_cron(desk: Desk) -> None:
    alerts = 'alerts: {to: ced@example.it, when: daily 08:30}\nmail: {from: "Sportello <notizie@example.it>"}\n'
    with serve({"/morto": Answer(status=404)}) as web:
        desk.write({"morto": web.url("/morto")}, alerts)
        assert desk("--now", DAYS[0], "run", "--once").code == 1
        assert desk("--now", DAYS[0], "run", "--once").code == 0
    [mail] = desk.mails()
    assert "Subject: Sportello di prova: un peggioramento" in mail.read_text()


def test_a_letter_says_what_its_reader_can_mend_and_nothing_else(desk: Desk) -> None:
    page = Answer(b"<ul><li>uno</li></ul>", media_type="text/html")
    with serve({"/morto": Answer(status=404), "/chiuso": Answer(status=403), "/pagina": page}) as web:
        desk.write({"morto": web.url("/morto"), "chiuso": web.url("/chiuso")})
        selected = (
            f"  - {{id: pagina, page: {web.url('/pagina')}, select: {{entry: article, title: h2, link: a@href}}}}\n"
        )
        text = (desk.folder / "feeds.yaml").read_text().replace("sources:\n", f"sources:\n{selected}")
        desk.file("feeds.yaml", text)
        desk("--now", DAYS[0], "pull")
        letters = {name: desk("--now", DAYS[0], "sources", name, "--letter") for name in ("morto", "chiuso", "pagina")}
    assert "contro i robot" not in letters["morto"].out
    assert "contro i robot" in letters["chiuso"].out
    assert "nothing to write" in letters["pagina"].out, "the selector is ours"
