"""Real folders: what is read of the site's own files, and how the output folder is kept."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import disk
from aggregator.disk import FolderDisk, batches, manifest
from aggregator.errors import RenderError, SourceError, StoreError
from aggregator.model import Document, Part
from aggregator.ports import Disk
from tests.fakes import FakeDisk

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def part(name: str, files: Mapping[str, str]) -> Part:
    return Part(name, (Document(path, body.encode()) for path, body in files.items()))


def write(root: Path, files: Mapping[str, str]) -> Mapping[str, int]:
    """Make the folder hold these files and no other of ours: one part for each name at the top."""
    folder = FolderDisk(None, root)
    tops = list(dict.fromkeys(path.partition("/")[0] for path in files))
    parts = [part(top, {p: body for p, body in files.items() if p.partition("/")[0] == top}) for top in tops]
    return folder.write(parts, gone=folder.parts() - set(tops))


def write_one(root: Path, files: Mapping[str, str]) -> Mapping[str, int]:
    """The same in a single part."""
    return FolderDisk(None, root).write([part("one", files)])


def held(root: Path) -> dict[str, str]:
    """Everything in a folder but the manifest."""
    found = {p.relative_to(root).as_posix(): p for p in root.rglob("*") if p.is_symlink() or p.is_file()}
    return {path: "->" if p.is_symlink() else p.read_text() for path, p in found.items() if path != ".manifest"}


def counts(written: int, same: int, removed: int) -> dict[str, int]:
    return {"written": written, "same": same, "removed": removed}


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder in memory where there is such a thing: thousands of files that wait for a busy disk take a minute."""
    memory = "/dev/shm"
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


@pytest.fixture
def folder() -> Iterator[Path]:
    with in_memory() as found:
        yield found


# Announcements, attachments, templates


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "announcements/2017").mkdir(parents=True)
    return tmp_path


def announcements(site: Path) -> list[tuple[str, bytes]]:
    folder: Disk = FolderDisk(site / "announcements", site / "public")
    return list(folder.announcements())


def test_announcements_come_sorted_from_every_folder(site: Path) -> None:
    for path in ("b.md", "2017/c.md", "a.MD", "scheda.pdf", "2017.md"):
        (site / "announcements" / path).write_text(path)
    assert announcements(site) == [(path, path.encode()) for path in ("2017.md", "2017/c.md", "a.MD", "b.md")]


def test_the_other_files_are_those_that_are_no_announcements(site: Path) -> None:
    for path in ("b.md", "2017/scheda.pdf", ".DS_Store", "a.csv"):
        (site / "announcements" / path).write_text("x")
    assert list(FolderDisk(site / "announcements", site).others()) == ["2017/scheda.pdf", "a.csv"]
    assert list(FolderDisk(None, site).others()) == []


def test_hidden_files_and_droppings_of_editors_are_no_announcements(site: Path) -> None:
    (site / "announcements/.git").mkdir()
    for path in (".git/x.md", ".a.md", ".a.md.swp", "a.md~", "~$a.md", "#a.md#", ".#a.md"):
        (site / "announcements" / path).write_text("x")
    assert announcements(site) == []


def test_links_are_followed_within_the_folder_only(site: Path) -> None:
    folder = site / "announcements"
    (site / "secret.md").write_text("fuori")
    (site / "elsewhere").mkdir()
    (site / "elsewhere/b.md").write_text("fuori")
    (folder / "2017/a.md").write_text("dentro")
    (folder / "out.md").symlink_to(site / "secret.md")
    (folder / "in.md").symlink_to("2017/a.md")
    (folder / "dangling.md").symlink_to("nowhere.md")
    (folder / "linked").symlink_to(site / "elsewhere")
    assert announcements(site) == [("2017/a.md", b"dentro"), ("in.md", b"dentro")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(site: Path) -> None:
    os.mkfifo(site / "announcements/a.md")
    assert announcements(site) == []


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_empty_and_not_gone(site: Path) -> None:
    (site / "announcements/a.md").write_text("x")
    (site / "announcements/a.md").chmod(0)
    assert announcements(site) == [("a.md", b"")]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are Unicode")
def test_a_file_name_that_is_not_utf8_can_be_printed(site: Path) -> None:
    Path(os.fsdecode(os.fsencode(site / "announcements") + b"/perch\xe9.md")).write_text("x")
    assert announcements(site) == [("perché.md", b"x")]


def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file or directory"):
        announcements(tmp_path)
    assert list(FolderDisk(None, tmp_path).announcements()) == []


def test_an_attachment_is_read_from_below_the_folder(site: Path) -> None:
    (site / "announcements/2017/scheda.pdf").write_bytes(b"%PDF")
    assert FolderDisk(site / "announcements", site).attachment("2017/scheda.pdf") == b"%PDF"


@pytest.mark.parametrize(
    "path", ["no.pdf", "2017", "../secret", "2017/../../secret", "link", "", ".", "a\0b", "x" * 300]
)
def test_no_other_file_is_an_attachment(site: Path, path: str) -> None:
    (site / "secret").write_text("x")
    (site / "announcements/link").symlink_to(site / "secret")
    with pytest.raises(FileNotFoundError, match="announcements/"):
        FolderDisk(site / "announcements", site).attachment(path)
    with pytest.raises(FileNotFoundError):
        FolderDisk(None, site).attachment(path)


def test_another_file_has_another_mark(site: Path) -> None:
    file, folder = site / "announcements/scheda.pdf", FolderDisk(site / "announcements", site)
    marks = []
    for body in (b"1", b"22"):
        file.write_bytes(body)
        marks.append(folder.attachment_mark("scheda.pdf"))
    os.utime(file, ns=(0, 1))
    marks.append(folder.attachment_mark("scheda.pdf"))
    assert len({*marks, ""}) == 4
    assert folder.attachment_mark("scheda.pdf") == marks[-1]


@pytest.mark.parametrize("path", ["no.pdf", "2017", "../secret", "link", "", "a\0b", "x" * 300])
def test_what_is_no_attachment_has_no_mark(site: Path, path: str) -> None:
    (site / "secret").write_text("x")
    (site / "announcements/link").symlink_to(site / "secret")
    assert FolderDisk(site / "announcements", site).attachment_mark(path) == ""
    assert FolderDisk(None, site).attachment_mark(path) == ""


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_a_file_that_may_not_be_read_has_no_mark(site: Path) -> None:
    (site / "announcements/a.pdf").write_text("x")
    (site / "announcements/a.pdf").chmod(0)
    assert FolderDisk(site / "announcements", site).attachment_mark("a.pdf") == ""


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of our own, with templates beside the package."""
    monkeypatch.setattr("aggregator.disk.reading._PACKAGE", tmp_path / "aggregator")
    (tmp_path / "templates/site").mkdir(parents=True)
    (tmp_path / "templates/site/page.html").write_text("di serie")
    (tmp_path / "templates/site/entry.html").write_text("voce")
    (tmp_path / "templates/.gitkeep").write_text("")
    return tmp_path


def test_templates_of_a_checkout_stand_beside_the_package_and_those_of_a_wheel_inside(packaged: Path) -> None:
    assert disk.templates(None) == {"site/page.html": "di serie", "site/entry.html": "voce"}
    (packaged / "aggregator/templates").mkdir(parents=True)
    (packaged / "aggregator/templates/x.txt").write_text("pacchetto")
    assert disk.templates(None) == {"x.txt": "pacchetto"}


def test_a_site_replaces_the_templates_it_has_and_no_others(packaged: Path) -> None:
    (packaged / "sito/templates/site").mkdir(parents=True)
    (packaged / "sito/templates/site/page.html").write_bytes(b"\xef\xbb\xbfpropria")
    (packaged / "sito/templates/site/page.html~").write_text("vecchia")
    assert disk.templates(packaged / "sito") == {"site/page.html": "propria", "site/entry.html": "voce"}
    assert disk.templates(packaged / "altro")["site/page.html"] == "di serie"


def test_a_template_that_is_not_utf8_is_named(packaged: Path) -> None:
    (packaged / "templates/site/page.html").write_bytes(b"citt\xe0")
    with pytest.raises(RenderError, match=r"templates/site/page.html: is not UTF-8 \(byte 4\)"):
        disk.templates(None)


def test_the_packages_own_templates_are_found() -> None:
    assert all(text.strip() for text in disk.templates(None).values())


# Writing


def test_the_folder_holds_what_is_wanted_and_none_of_our_older_files(tmp_path: Path) -> None:
    root = tmp_path / "a/public"
    assert write(root, {"index.html": "1", "feeds/news.atom": "2", "x/y/z.html": "3"}) == counts(3, 0, 0)
    assert write(root, {"index.html": "1!", "feeds/news.atom": "2"}) == counts(1, 1, 1)
    assert held(root) == {"index.html": "1!", "feeds/news.atom": "2"}
    assert not (root / "x").exists()


def test_a_second_write_touches_nothing(tmp_path: Path) -> None:
    files = {"index.html": "1", "feeds/news.atom": "2"}
    write(tmp_path, files)
    before = {p: p.stat() for p in tmp_path.rglob("*")}
    assert write(tmp_path, files) == counts(0, 2, 0)
    assert {p: p.stat() for p in tmp_path.rglob("*")} == before


def test_what_somebody_spoilt_or_deleted_is_mended(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b": "2"})
    (tmp_path / "a").write_text("X")
    (tmp_path / "b").unlink()
    assert write(tmp_path, {"a": "1", "b": "2"}) == counts(2, 0, 0)


def test_a_file_makes_way_for_a_folder_of_its_name_and_back(tmp_path: Path) -> None:
    for files in ({"a": "1"}, {"a/b/c": "2"}, {"a/b": "3"}, {"a": "4"}):
        write(tmp_path / "many", files)
        write_one(tmp_path / "one", files)
        assert held(tmp_path / "many") == held(tmp_path / "one") == files


@pytest.mark.parametrize("mask", [0o077, 0o000])
def test_everybody_may_read_the_output_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    code = f"import os; os.umask({mask}); from tests.edges.test_disk import *"
    code += f"; write(Path({str(tmp_path)!r}) / 'p', {{'a/b': ''}})"
    python("-c", code)
    modes = {p.relative_to(tmp_path).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*")}
    assert modes == {"p": 0o755, "p/a": 0o755, "p/a/b": 0o644, "p/.manifest": 0o644}


@pytest.mark.parametrize(
    "paths",
    [
        ["/etc/passwd"],
        ["../x"],
        ["a/../../x"],
        ["a/./b"],
        ["a//b"],
        ["a/"],
        [""],
        ["a\\b"],
        ["a\nb"],
        [".manifest"],
        [".manifest.json"],
        [".Unfinished"],
        [".unfinished/x"],
        ["a", "a"],
        ["a/b", "A/B"],
        ["perch\u00e9", "perche\u0301"],
        ["a", "a/b"],
        ["A/b/c", "a"],
    ],
)
def test_unfit_paths_are_refused_before_anything_is_touched(tmp_path: Path, paths: list[str]) -> None:
    write(tmp_path, {"old": "1"})
    before = (tmp_path / ".manifest").read_bytes()
    for parts in ([["new", *paths]], [["new"], *([path] for path in paths)]):
        with pytest.raises(RenderError):
            FolderDisk(None, tmp_path).write(
                [Part(str(n), [Document(path, b"") for path in some]) for n, some in enumerate(parts)], gone=["old"]
            )
        assert held(tmp_path) == {"old": "1"}
        assert (tmp_path / ".manifest").read_bytes() == before


@pytest.mark.parametrize(
    ("names", "words"), [(["a\tb"], "no name"), (["a\nb"], "no name"), (["\ud800"], "no name"), (["a", "a"], "twice")]
)
def test_so_are_unfit_names_of_parts(tmp_path: Path, names: list[str], words: str) -> None:
    with pytest.raises(RenderError, match=words):
        FolderDisk(None, tmp_path / "public").write(Part(name, [Document("a", b"")]) for name in names)
    assert not (tmp_path / "public").exists()


def test_a_part_may_have_any_other_name(tmp_path: Path) -> None:
    names = ["", " ", "perch\u00e9", "a/b", "\u2028", "\x85"]
    write_all = [Part(name, [Document(f"{n}", b"")]) for n, name in enumerate(names)]
    FolderDisk(None, tmp_path).write(write_all)
    assert FolderDisk(None, tmp_path).parts() == set(names)


def strangers(root: Path) -> None:
    """Four things that are not ours at paths that we want, and one file beside."""
    (root / "feeds").mkdir(parents=True)
    (root / "index.html").write_text("altrui")
    (root / "feeds/news.atom").mkdir()
    (root / "robots.txt").symlink_to("index.html")
    (root / "linked").symlink_to("feeds")
    (root / "feeds/mine.txt").write_text("altrui")


WITH_STRANGERS = {"index.html": "n", "feeds/news.atom": "n", "robots.txt": "n", "linked/x": "n", "feeds/all.atom": "n"}


def test_what_is_not_ours_is_left_alone_and_named_after_all_else_is_done(tmp_path: Path) -> None:
    strangers(tmp_path)
    with pytest.raises(StoreError, match=r"feeds/news\.atom, index\.html, linked/x, robots\.txt; move it away"):
        write(tmp_path, WITH_STRANGERS)
    ours = {"feeds/all.atom": "n"}
    theirs = {"index.html": "altrui", "robots.txt": "->", "linked": "->", "feeds/mine.txt": "altrui"}
    assert held(tmp_path) == ours | theirs
    assert (tmp_path / "feeds/news.atom").is_dir()
    assert write(tmp_path, {}) == counts(0, 0, 1)
    assert held(tmp_path) == theirs


def test_once_the_way_is_free_the_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("altrui")
    with pytest.raises(StoreError):
        write(tmp_path, {"index.html": "n"})
    (tmp_path / "index.html").unlink()
    assert write(tmp_path, {"index.html": "n"}) == counts(1, 0, 0)


def test_a_strangers_file_with_the_bytes_we_want_is_no_fault_and_stays_theirs(tmp_path: Path) -> None:
    (tmp_path / "robots.txt").write_text("n")
    assert write(tmp_path, {"robots.txt": "n"}) == counts(0, 1, 0)
    assert write(tmp_path, {}) == counts(0, 0, 0)
    assert held(tmp_path) == {"robots.txt": "n"}


def test_nothing_is_removed_or_written_through_a_link_that_took_our_folders_place(tmp_path: Path) -> None:
    root, other = tmp_path / "public", tmp_path / "other"
    write(root, {"a/b/old": "1", "a/b/new": "1"})
    (root / "a").rename(other)
    (root / "a").symlink_to(other)
    with pytest.raises(StoreError, match="a/b/new"):
        write(root, {"a/b/new": "2"})
    assert held(other) == {"b/old": "1", "b/new": "1"}


def test_a_place_that_a_stranger_took_is_no_longer_ours(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1"})
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to("elsewhere")
    with pytest.raises(StoreError):
        write(tmp_path, {"a": "1"})
    (tmp_path / "a").unlink()
    (tmp_path / "a").write_text("altrui")
    assert write(tmp_path, {}) == counts(0, 0, 0)
    assert held(tmp_path) == {"a": "altrui"}


def test_many_strangers_are_counted(tmp_path: Path) -> None:
    for n in range(30):
        (tmp_path / f"{n:02}").write_text("altrui")
    with pytest.raises(StoreError, match="09 and 20 more; move"):
        write(tmp_path, {f"{n:02}": "n" for n in range(30)})


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "manifest",
        "manifest 3\n",
        "{}\n",
        "manifest 2\n\n",
        "manifest 2\n+\ta\n",
        "manifest 2\n-\ta\tp\n",
        "manifest 2\n?\ta\tp\n",
        "manifest 2\n=\ta\tp\n",
        "manifest 2\n*\ta\tp\n",
        "manifest 2\n+\t../x\tp\n",
        "manifest 2\n+\t/x\tp\n",
        "manifest 2\n+\t\udce8\tp\n",
    ],
)
def test_a_damaged_manifest_is_named_and_nothing_is_touched(tmp_path: Path, lines: str) -> None:
    write(tmp_path, {"a": "1"})
    (tmp_path / ".manifest").write_text(lines, errors="surrogateescape")
    for ask in (FolderDisk.parts, lambda folder: folder.write([part("b", {"b": "2"})], gone=["a"])):
        with pytest.raises(StoreError, match=r"\.manifest: is damaged"):
            ask(FolderDisk(None, tmp_path))
    assert held(tmp_path) == {"a": "1"}


def test_an_output_folder_that_is_a_file_is_a_fault_in_words(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("x")
    folder = FolderDisk(None, tmp_path / "public")
    for ask in (folder.mark, folder.parts, lambda: folder.write([part("a", {"a": "1"})])):
        with pytest.raises(StoreError, match=r"output folder .*public"):
            ask()


paths = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map("/".join)
trees = st.dictionaries(paths, st.sampled_from(["1", "22", "33"]), max_size=4).filter(
    lambda tree: not any(other.startswith(f"{path}/") for path in tree for other in tree)
)


@pytest.mark.parametrize("count", [1, 2, 500])
@settings(max_examples=40, deadline=None)
@given(st.lists(trees, min_size=1, max_size=4))
def test_the_folder_is_what_the_last_write_wanted(count: int, wanted: list[dict[str, str]]) -> None:
    """Whether it takes one batch or many, one part or several."""
    before: dict[str, str] = {}
    with in_memory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "DOCUMENTS", count)
        for files in wanted:
            same = len(before.items() & files.items())
            removed = len(before.keys() - files.keys())
            for way, folder in ((write, root / "many"), (write_one, root / "one")):
                assert way(folder, files) == counts(len(files) - same, same, removed)
                assert held(folder) == files
            before = files
        write(root / "many", {})
        assert {p.name for p in (root / "many").iterdir()} <= {".manifest"}


# Parts


class Catalogue(list[str]):
    """Who is told which parts are done."""

    def done(self, names: Sequence[str]) -> None:
        self.extend(names)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "DOCUMENTS", 2)


@pytest.mark.parametrize("kind", [FolderDisk, FakeDisk])
def test_the_parts_not_at_hand_are_left_alone(tmp_path: Path, kind: type) -> None:
    folder: Disk = FolderDisk(None, tmp_path) if kind is FolderDisk else FakeDisk()
    told = Catalogue()
    folder.write([part("a", {"a/1": "1", "a/2": "2"}), part("b", {"b": "3"}), part("c", {"c": "4"})], mark="I")
    assert folder.mark() == "I"
    assert folder.parts() == {"a", "b", "c"}
    found = folder.write([part("a", {"a/2": "2", "a/3": "5"})], gone=["c", "unknown"], mark="II", done=told.done)
    assert found == counts(1, 1, 2)
    assert folder.mark() == "II"
    assert folder.parts() == {"a", "b"}
    assert told == ["c", "unknown", "a"]
    if isinstance(folder, FakeDisk):
        assert folder.output == {"a/2": b"2", "a/3": b"5", "b": b"3"}
    else:
        assert held(tmp_path) == {"a/2": "2", "a/3": "5", "b": "3"}


def answer(
    folder: Disk, parts: Mapping[str, Mapping[str, str]], gone: set[str], mark: str
) -> tuple[Mapping[str, int], list[str]]:
    told = Catalogue()
    return folder.write([part(*one) for one in parts.items()], gone=gone, mark=mark, done=told.done), told


names = st.sampled_from(["p", "q", "r"])
assignments = st.dictionaries(st.sampled_from("abcd"), st.tuples(names, st.sampled_from(["1", "22"])), max_size=4)
runs = st.tuples(assignments, st.sets(names), st.sets(names), st.sampled_from(["", "I", "II"]))


@pytest.mark.parametrize("count", [1, 2, 500])
@settings(max_examples=60, deadline=None)
@given(st.lists(runs, min_size=1, max_size=4))
def test_a_folder_does_as_the_fake_one_does(
    count: int, wanted: list[tuple[dict[str, tuple[str, str]], set[str], set[str], str]]
) -> None:
    """Whatever parts are made, emptied and gone, and whatever moves between them."""
    fake = FakeDisk()
    with in_memory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "DOCUMENTS", count)
        real = FolderDisk(None, root)
        for assigned, empty, gone, mark in wanted:
            parts: dict[str, dict[str, str]] = {name: {} for name in sorted(empty)}
            for path, (name, body) in assigned.items():
                parts.setdefault(name, {})[path] = body
            found, told = answer(real, parts, gone - parts.keys(), mark)
            fake_found, fake_told = answer(fake, parts, gone - parts.keys(), mark)
            assert told == fake_told
            assert count < 500 or found == fake_found  # a file may be gone for a while where it takes many batches
            assert {path: body.encode() for path, body in held(root).items()} == fake.output
            assert (real.mark(), real.parts()) == (fake.mark(), fake.parts())


def test_a_folder_never_written_has_no_mark_and_no_parts_and_is_not_made(tmp_path: Path) -> None:
    folder = FolderDisk(None, tmp_path / "public")
    assert (folder.mark(), folder.parts()) == ("", frozenset())
    assert list(tmp_path.iterdir()) == []


def test_the_mark_alone_may_change(tmp_path: Path) -> None:
    folder = FolderDisk(None, tmp_path)
    for mark in ("I", "II", ""):
        folder.write([], mark=mark)
        assert folder.mark() == mark
    with pytest.raises(ValueError):
        folder.write([], mark="a\nb")


def test_a_file_that_another_part_claims_moves_over(tmp_path: Path) -> None:
    folder = FolderDisk(None, tmp_path)
    folder.write([part("old", {"a": "1", "b": "2"})])
    inode = (tmp_path / "a").stat().st_ino
    assert folder.write([part("new", {"a": "1"})]) == counts(0, 1, 0)
    assert folder.write([part("old", {"b": "2"})]) == counts(0, 1, 0)
    assert folder.write([part("newer", {"a": "1"})], gone=["new"]) == counts(0, 1, 0)
    assert (tmp_path / "a").stat().st_ino == inode
    assert folder.write([], gone=["old", "new"]) == counts(0, 0, 1)
    assert held(tmp_path) == {"a": "1"}
    assert folder.parts() == {"newer"}


def test_a_file_moves_within_one_run_in_whatever_order(tmp_path: Path, small_batches: None) -> None:
    folder = FolderDisk(None, tmp_path)
    for first, second in (("a", "b"), ("b", "a")):
        folder.write([part("a", {"x": "1", "y": "1"}), part("b", {"z": "1"})])
        moved = {"a": {"y": "1"}, "b": {"x": "1", "z": "1"}}
        folder.write([part(first, moved[first]), part(second, moved[second])])
        assert held(tmp_path) == {"x": "1", "y": "1", "z": "1"}
        assert folder.write([], gone=["b"]) == counts(0, 0, 2)


def test_a_file_of_another_part_makes_way_for_a_folder(tmp_path: Path) -> None:
    folder = FolderDisk(None, tmp_path)
    folder.write([part("a", {"x": "1"})])
    assert folder.write([part("b", {"x/y/z": "2"})]) == counts(1, 0, 1)
    assert held(tmp_path) == {"x/y/z": "2"}
    assert folder.parts() == {"b"}
    assert folder.write([part("c", {"x": "3"})], gone=["b"]) == counts(1, 0, 1)
    assert held(tmp_path) == {"x": "3"}


def test_a_part_that_takes_many_batches_loses_what_it_no_longer_holds(tmp_path: Path, small_batches: None) -> None:
    files = {f"{n}/x": str(n) for n in range(9)}
    write_one(tmp_path, files)
    later = {"0": "a file now", **{f"{n}/x": "new" for n in range(4, 12)}}
    assert write_one(tmp_path, later) == counts(9, 0, 4)
    assert held(tmp_path) == later


class Body(bytes):
    """Bytes that are counted while they are held."""

    alive = 0

    def __init__(self, _: bytes) -> None:
        Body.alive += 1

    def __del__(self) -> None:
        Body.alive -= 1


def lazily(root: Path, total: int, ahead: list[int]) -> Iterator[Document]:
    """Notes how many are drawn and not written yet, and how many are held."""
    written = 0
    for n in range(total):
        while (root / str(written)).exists():
            written += 1
        ahead += [n - written, Body.alive]
        yield Document(str(n), Body(b"x" * 1000))


@pytest.mark.parametrize("split", [False, True])
def test_no_more_than_one_batch_is_ever_held(folder: Path, split: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "DOCUMENTS", 100)
    ahead: list[int] = []
    drawn = lazily(folder, 3000, ahead)
    parts = (Part(d.path, iter([d])) for d in drawn) if split else [Part("one", drawn)]
    assert FolderDisk(None, folder).write(parts) == counts(3000, 0, 0)
    assert max(ahead) <= 101


def test_a_batch_of_big_documents_is_short(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BODIES", 4500)
    ahead: list[int] = []
    FolderDisk(None, folder).write([Part("one", lazily(folder, 50, ahead))])
    assert max(ahead) <= 6


def test_parts_are_done_once_their_files_are_there_and_noted(tmp_path: Path, small_batches: None) -> None:
    folder = FolderDisk(None, tmp_path)
    parts = {f"p{n}": {f"{n}/{m}": "1" for m in range(n)} for n in range(6)}
    told = Catalogue()

    def done(names: Sequence[str]) -> None:
        told.done(names)
        assert all(path in held(tmp_path) for name in names for path in parts[name])
        assert {name for name in names if parts[name]} <= FolderDisk(None, tmp_path).parts()

    folder.write((part(name, files) for name, files in parts.items()), done=done)
    assert told == list(parts)


def test_parts_that_are_gone_are_so_before_the_others_are_written(tmp_path: Path) -> None:
    folder = FolderDisk(None, tmp_path)
    folder.write([part("old", {"old": "1"})])
    seen = []
    folder.write([part("new", {"new": "1"})], gone=["old"], done=lambda names: seen.append((*names, *held(tmp_path))))
    assert seen == [("old",), ("new", "new")]


@pytest.mark.usefixtures("small_batches")
def test_a_part_in_a_strangers_way_is_not_done(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("altrui")
    told, files = Catalogue(), {"b": "1", "b1": "1", "b2": "1", "b3": "1"}
    parts = [part("a", {"a": "1"}), part("b", files), part("c", {"c": "1"})]
    with pytest.raises(StoreError, match="stands there: b; move"):
        FolderDisk(None, tmp_path).write(parts, mark="I", done=told.done)
    assert told == ["a", "c"]
    assert held(tmp_path) == {"a": "1", "b": "altrui", "b1": "1", "b2": "1", "b3": "1", "c": "1"}
    assert FolderDisk(None, tmp_path).mark() == "I"


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("0", "'0' and '0' are one file"),
        ("X/Y", "'X/Y' and 'x/y' are one file"),
        ("x", "'x' cannot be a file and the folder of 'x/y'"),
        ("0/y", "'0' cannot be a file and the folder of '0/y'"),
        ("../y", "no path"),
    ],
)
def test_a_fault_in_a_later_batch_is_named_after_all_else_is_done(tmp_path: Path, path: str, words: str) -> None:
    (tmp_path / "1").write_text("altrui")
    told = Catalogue()
    parts = [part("a", {"0": "0", "x/y": "0"}), part("b", {"1": "0"}), part("c", {path: "c", "2": "c"})]
    with pytest.raises(RenderError, match=f"(?s){words}.*stands there: 1;"):
        FolderDisk(None, tmp_path).write([*parts, part("d", {"3": "d"})], done=told.done)
    assert told == ["a", "d"]
    assert held(tmp_path) == {"0": "0", "x/y": "0", "1": "altrui", "2": "c", "3": "d"}


@pytest.mark.usefixtures("small_batches")
def test_a_part_named_twice_in_later_batches_is_a_fault(tmp_path: Path) -> None:
    parts = [part("a", {"0": "0", "1": "0"}), part("b", {"2": "0"}), part("a", {"3": "0"}), part("c", {"4": "0"})]
    with pytest.raises(RenderError, match="'a' is made twice"):
        FolderDisk(None, tmp_path).write(parts)
    assert held(tmp_path) == dict.fromkeys("0124", "0")


def test_many_faults_are_counted(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"'\.\./9' is no path for a file of the output folder and 20 more$"):
        write_one(tmp_path, {f"../{n}": "" for n in range(30)})


def broken(files: Iterable[str]) -> Iterator[Document]:
    yield from (Document(path, b"new") for path in files)
    raise RenderError("page.html:7: what is this?")


def test_an_error_while_the_first_batch_is_drawn_touches_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b": "2"})
    before = {p: p.stat() for p in tmp_path.rglob("*")}
    with pytest.raises(RenderError, match="page"):
        FolderDisk(None, tmp_path).write([part("a", {}), Part("c", broken(["c"]))], gone=["b"], mark="I")
    assert {p: p.stat() for p in tmp_path.rglob("*")} == before


@pytest.mark.usefixtures("small_batches")
def test_an_error_while_a_later_batch_is_drawn_keeps_what_is_written(tmp_path: Path) -> None:
    folder, told = FolderDisk(None, tmp_path), Catalogue()
    write(tmp_path, {"a": "1", "b": "2", "c": "3"})
    with pytest.raises(RenderError, match="page"):
        folder.write([part("a", {"a": "4"}), Part("c", broken("cdef"))], gone=["b"], mark="I", done=told.done)
    assert told == ["b", "a"]
    assert held(tmp_path) == {"a": "4", "c": "new", "d": "new", "e": "new"}
    assert folder.mark() == "I"
    assert folder.parts() == {"a", "c"}
    assert write(tmp_path, {"a": "4", "c": "3"}) == counts(1, 1, 2)
    assert held(tmp_path) == {"a": "4", "c": "3"}


def test_a_fault_of_who_draws_or_is_told_is_not_called_ours(tmp_path: Path) -> None:
    def fail(_: object) -> Document:
        raise FileNotFoundError("scheda.pdf")

    with pytest.raises(FileNotFoundError):
        FolderDisk(None, tmp_path).write([Part("a", map(fail, "a"))])
    with pytest.raises(FileNotFoundError):
        FolderDisk(None, tmp_path).write([part("a", {})], done=lambda names: print(fail(names)))


# The manifest


def test_only_what_changes_is_appended(tmp_path: Path) -> None:
    files = {f"p{n}": str(n) for n in range(30)}
    write(tmp_path, files)
    before = (tmp_path / ".manifest").read_bytes()
    write(tmp_path, files | {"p7": "new bytes"})
    assert (tmp_path / ".manifest").read_bytes() == before
    write(tmp_path, files | {"new": "1"})
    added = (tmp_path / ".manifest").read_bytes().removeprefix(before).decode().splitlines()
    assert [line.split("\t")[:2] for line in added] == [["?", "new"], ["+", "new"]]


def test_a_long_log_is_written_anew_and_sorted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "SLACK", 10)
    for n in range(30):
        write(tmp_path, {"b": "", "a": "", f"c{n}": ""})
        assert (tmp_path / ".manifest").read_bytes().count(b"\n") < 20
    monkeypatch.setattr(manifest, "SLACK", 0)
    FolderDisk(None, tmp_path).write([part("new", {"n": ""}), part("newer", {"m": ""})], mark="I")
    lines = ["manifest 2", "=\tI", "+\ta\ta", "+\tb\tb", "+\tc29\tc29", "+\tm\tnewer", "+\tn\tnew"]
    assert (tmp_path / ".manifest").read_text().splitlines() == lines


def test_a_log_written_anew_keeps_what_is_pending(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"a": "1"})
    with (folder / ".manifest").open("a") as log:
        log.write("?\tb\tffff\tb\n" * 9)
    monkeypatch.setattr(manifest, "SLACK", 0)
    FolderDisk(None, folder).write([], mark="I")
    assert (folder / ".manifest").read_text().splitlines()[1:] == ["=\tI", "+\ta\ta", "?\tb\tffff\tb"]
    (folder / "b").write_text("altrui")
    assert FolderDisk(None, folder).write([], gone=["a", "b"]) == counts(0, 0, 1)
    assert held(folder) == {"b": "altrui"}


def test_the_former_manifest_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for path in ("a", "b", "x/y", "pending", "theirs"):
        (tmp_path / path).write_text("1")
    hashes = {"pending": blake2b(b"1", digest_size=16).hexdigest(), "theirs": "00", "absent": "00"}
    (tmp_path / ".manifest.json").write_text(json.dumps({"files": ["a", "b", "x/y"], "pending": hashes}))
    folder = FolderDisk(None, tmp_path)
    assert not folder.mark()
    assert folder.parts() == {""}
    assert folder.write([part("p", {"a": "1", "x": "2"})], gone=[""]) == counts(1, 1, 3)
    assert held(tmp_path) == {"a": "1", "x": "2", "theirs": "1"}
    assert folder.parts() == {"p"}
    (tmp_path / ".manifest.json").write_text("as a kill may leave it")
    folder.write([], gone=["p"])
    assert held(tmp_path) == {"theirs": "1"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"files": ["../x"], "pending": {}}', '{"files": 1, "pending": {}}', "{}"]
)
def test_a_former_manifest_that_is_damaged_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / ".manifest.json").write_text(text)
    (tmp_path / "a").write_text("1")
    with pytest.raises(StoreError, match=r"\.manifest\.json: is damaged"):
        write(tmp_path, {"a": "2"})
    assert held(tmp_path) == {"a": "1", ".manifest.json": text}


@pytest.mark.parametrize("size", [1, 500])
def test_nothing_is_done_before_the_disk_has_noted_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A disk that says no takes every line back; the files are as they were and as the manifest says."""

    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    before = {"a": "1", "b/c": "2", "d": "3"}
    write(tmp_path, before)
    noted = (tmp_path / ".manifest").read_bytes()
    monkeypatch.setattr(batches, "DOCUMENTS", size)
    for after in ({"a": "1", "d": "3"}, before | {"e": "4"}, before | {"a": "2"}):
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            with pytest.raises(StoreError, match="Input/output error"):
                write(tmp_path, after)
        (tmp_path / ".manifest").write_bytes(noted)
        assert held(tmp_path) == before


def test_a_torn_line_is_cut_off_however_long_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1"})
    with (tmp_path / ".manifest").open("a") as log:
        log.write("+\t" + "x" * 1000)
    FolderDisk(None, tmp_path).write([], mark="I")
    assert (tmp_path / ".manifest").read_text().endswith("+\ta\ta\n=\tI\n")


def test_a_line_torn_anywhere_is_cut_off(folder: Path) -> None:
    """The log as a power cut leaves it: what was about to be written is not, or what was written is not noted."""
    root, before, after = folder / "public", {"a": "1", "b/c": "2"}, {"a": "1", "b/d": "3", "e": "4"}
    write(root, before)
    start = (root / ".manifest").stat().st_size
    copytree(root, folder / "before")
    write(root, after)
    log = (root / ".manifest").read_bytes()
    removal, noted = log.index(b"-\tb/c"), log.index(b"+\tb/d")
    pending = log.index(b"?\tb/d")
    for origin, cuts in (("before", range(start, removal)), ("public", range(noted, len(log) + 1))):
        for cut in (n for n in cuts if origin == "public" or n < pending):
            copytree(folder / origin, folder / "torn")
            (folder / "torn/.manifest").write_bytes(log[:cut] + b"\0" * (cut % 3))
            write(folder / "torn", after)
            assert held(folder / "torn") == after, cut
            write(folder / "torn", {})
            assert held(folder / "torn") == {}, cut
            rmtree(folder / "torn")


# Killed in the middle


def python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=Path(__file__).parents[2], check=True, capture_output=True)


# In a process of its own, forks one that is killed at its nth call into the file system, for every n asked for, or for
# every n there is; and then another, killed just as far into what the first has left to do.
KILL = """
import os, signal, sys
from pathlib import Path
from aggregator.disk import batches, manifest
from tests.edges.test_disk import SCENES, WAYS, write

root, (before, after), way = Path(sys.argv[1]), SCENES[sys.argv[2]], WAYS[sys.argv[3]]
batches.DOCUMENTS, moments = int(sys.argv[4]), [int(n) for n in sys.argv[5:]]
manifest.SLACK = 0

def killed(folder, moment):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    calls = 0
    def count(event, arguments):
        nonlocal calls
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"):
            calls += 1
            if calls > moment:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    write(folder, after)
    os._exit(0)

for moment in moments or range(10_000):
    folder = root / str(moment)
    way(folder, before)
    (folder / "altrui.txt").write_text("altrui")
    if not killed(folder, moment) and not moments:
        break
    killed(folder, moment)
"""
SCENES = {
    "every change there is": (
        {"same": "1", "changed": "1", "gone": "1", "x/y/gone": "1", "file": "1", "folder/a": "1", "folder/b": "1"},
        {"same": "1", "changed": "22", "new": "2", "made/z": "2", "file/a": "2", "folder": "2"},
    ),
    "five hundred": (
        {f"entries/{n}/index.html": f"{n} " * 2000 for n in range(500)},
        {f"entries/{n}/index.html": f"{n}! " * 2000 for n in range(250, 750)},
    ),
}
CALLS = [7, 160, 555, 1001, 1777, 2222]
WAYS = {"parts": write, "another part": write_one}  # how the folder was written before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize(
    ("scene", "way", "size", "moments"),
    [
        ("every change there is", "parts", 500, []),
        ("every change there is", "parts", 2, []),
        ("every change there is", "another part", 500, []),
        ("every change there is", "another part", 2, []),
        ("five hundred", "parts", 64, CALLS),
    ],
)
def test_after_a_kill_every_file_is_whole_and_the_next_write_mends(
    folder: Path, scene: str, way: str, size: int, moments: list[int]
) -> None:
    before, after = SCENES[scene]
    python("-c", KILL, str(folder), scene, way, str(size), *map(str, moments))
    killed = [root for root in folder.iterdir() if held(root) != after | {"altrui.txt": "altrui"}]
    assert len(killed) >= (len(moments) or 20) // 2
    for root in folder.iterdir():
        whole(root, before, after)
        write(root, after)
        assert held(root) == after | {"altrui.txt": "altrui"}
        assert write(root, {})["removed"] == len(after)
        assert sorted(p.name for p in root.iterdir()) == [".manifest", "altrui.txt"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("size", [2, 500])
def test_a_file_that_a_stranger_put_in_after_a_kill_is_not_claimed(folder: Path, size: int) -> None:
    after = SCENES["every change there is"][1]
    python("-c", KILL, str(folder), "every change there is", "parts", str(size))
    for root in folder.iterdir():
        theirs = {path for path in {"new", "gone"} if not (root / path).exists()}
        for path in theirs:
            (root / path).write_text("altrui")
        named = sorted(theirs & after.keys())
        if named:
            with pytest.raises(StoreError, match=named[0]):
                write(root, after)
        else:
            write(root, after)
        assert {path for path, text in held(root).items() if text == "altrui"} == theirs | {"altrui.txt"}


def whole(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    for path, text in held(folder).items():
        if path != ".unfinished":
            assert text in (before.get(path), after.get(path), "altrui"), path


def test_a_document_with_a_fault_is_named_and_what_stands_there_stays(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b": "1"})
    folder, told = FolderDisk(None, tmp_path), list[str]()
    bad = [Document("a", b"2", fault="it is no feed"), Document("new", b"2", fault="it is empty")]
    with pytest.raises(RenderError, match="a: not written: it is no feed\nnew: not written: it is empty"):
        folder.write([Part("a", bad), part("b", {"b": "2"})], done=told.extend)
    assert held(tmp_path) == {"a": "1", "b": "2"}
    assert told == ["b"]
    assert folder.missing(["a", "b", "new", "a/b"]) == ("new", "a/b")
    assert folder.write([part("a", {"a": "3"})]) == counts(1, 0, 0)
