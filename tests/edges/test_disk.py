"""Real folders: what is read of the site's own files, and how the output folder is kept."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import disk
from aggregator.disk import FolderDisk
from aggregator.errors import RenderError, SourceError, StoreError
from aggregator.model import Document
from aggregator.ports import Disk

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def documents(files: Mapping[str, str]) -> list[Document]:
    return [Document(path, body.encode()) for path, body in files.items()]


def write(root: Path, files: Mapping[str, str]) -> Mapping[str, int]:
    return FolderDisk(None, root).write(documents(files))


def held(root: Path) -> dict[str, str]:
    """Everything in a folder but the manifest."""
    found = {p.relative_to(root).as_posix(): p for p in root.rglob("*") if p.is_symlink() or p.is_file()}
    return {path: "->" if p.is_symlink() else p.read_text() for path, p in found.items() if path != ".manifest.json"}


def counts(written: int, same: int, removed: int) -> dict[str, int]:
    return {"written": written, "same": same, "removed": removed}


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder in memory where there is such a thing: thousands of files that wait for a busy disk take a minute."""
    memory = "/dev/shm"
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


# Announcements, attachments, templates


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "announcements/2017").mkdir(parents=True)
    return tmp_path


def announcements(site: Path) -> list[tuple[str, bytes]]:
    folder: Disk = FolderDisk(site / "announcements", site / "public")
    return list(folder.announcements())


def test_announcements_come_sorted_from_every_folder(site: Path):
    for path in ("b.md", "2017/c.md", "a.MD", "scheda.pdf", "2017.md"):
        (site / "announcements" / path).write_text(path)
    assert announcements(site) == [(path, path.encode()) for path in ("2017.md", "2017/c.md", "a.MD", "b.md")]


def test_the_other_files_are_those_that_are_no_announcements(site: Path):
    for path in ("b.md", "2017/scheda.pdf", ".DS_Store", "a.csv"):
        (site / "announcements" / path).write_text("x")
    assert list(FolderDisk(site / "announcements", site).others()) == ["2017/scheda.pdf", "a.csv"]
    assert list(FolderDisk(None, site).others()) == []


def test_hidden_files_and_droppings_of_editors_are_no_announcements(site: Path):
    (site / "announcements/.git").mkdir()
    for path in (".git/x.md", ".a.md", ".a.md.swp", "a.md~", "~$a.md", "#a.md#", ".#a.md"):
        (site / "announcements" / path).write_text("x")
    assert announcements(site) == []


def test_links_are_followed_within_the_folder_only(site: Path):
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
def test_a_pipe_is_not_waited_for(site: Path):
    os.mkfifo(site / "announcements/a.md")
    assert announcements(site) == []


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_empty_and_not_gone(site: Path):
    (site / "announcements/a.md").write_text("x")
    (site / "announcements/a.md").chmod(0)
    assert announcements(site) == [("a.md", b"")]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are Unicode")
def test_a_file_name_that_is_not_utf8_can_be_printed(site: Path):
    Path(os.fsdecode(os.fsencode(site / "announcements") + b"/perch\xe9.md")).write_text("x")
    assert announcements(site) == [("perché.md", b"x")]


def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path):
    with pytest.raises(SourceError, match="No such file or directory"):
        announcements(tmp_path)
    assert list(FolderDisk(None, tmp_path).announcements()) == []


def test_an_attachment_is_read_from_below_the_folder(site: Path):
    (site / "announcements/2017/scheda.pdf").write_bytes(b"%PDF")
    assert FolderDisk(site / "announcements", site).attachment("2017/scheda.pdf") == b"%PDF"


@pytest.mark.parametrize(
    "path", ["no.pdf", "2017", "../secret", "2017/../../secret", "link", "", ".", "a\0b", "x" * 300]
)
def test_no_other_file_is_an_attachment(site: Path, path: str):
    (site / "secret").write_text("x")
    (site / "announcements/link").symlink_to(site / "secret")
    with pytest.raises(FileNotFoundError, match="announcements/"):
        FolderDisk(site / "announcements", site).attachment(path)
    with pytest.raises(FileNotFoundError):
        FolderDisk(None, site).attachment(path)


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of our own, with templates beside the package."""
    monkeypatch.setattr(disk, "_PACKAGE", tmp_path / "aggregator")
    (tmp_path / "templates/site").mkdir(parents=True)
    (tmp_path / "templates/site/page.html").write_text("di serie")
    (tmp_path / "templates/site/entry.html").write_text("voce")
    (tmp_path / "templates/.gitkeep").write_text("")
    return tmp_path


def test_templates_of_a_checkout_stand_beside_the_package_and_those_of_a_wheel_inside(packaged: Path):
    assert disk.templates(None) == {"site/page.html": "di serie", "site/entry.html": "voce"}
    (packaged / "aggregator/templates").mkdir(parents=True)
    (packaged / "aggregator/templates/x.txt").write_text("pacchetto")
    assert disk.templates(None) == {"x.txt": "pacchetto"}


def test_a_site_replaces_the_templates_it_has_and_no_others(packaged: Path):
    (packaged / "sito/templates/site").mkdir(parents=True)
    (packaged / "sito/templates/site/page.html").write_bytes(b"\xef\xbb\xbfpropria")
    (packaged / "sito/templates/site/page.html~").write_text("vecchia")
    assert disk.templates(packaged / "sito") == {"site/page.html": "propria", "site/entry.html": "voce"}
    assert disk.templates(packaged / "altro")["site/page.html"] == "di serie"


def test_a_template_that_is_not_utf8_is_named(packaged: Path):
    (packaged / "templates/site/page.html").write_bytes(b"citt\xe0")
    with pytest.raises(RenderError, match=r"templates/site/page.html: is not UTF-8 \(byte 4\)"):
        disk.templates(None)


def test_the_packages_own_templates_are_found():
    assert all(text.strip() for text in disk.templates(None).values())


# Writing


def test_the_folder_holds_what_is_wanted_and_none_of_our_older_files(tmp_path: Path):
    root = tmp_path / "a/public"
    assert write(root, {"index.html": "1", "feeds/news.atom": "2", "x/y/z.html": "3"}) == counts(3, 0, 0)
    assert write(root, {"index.html": "1!", "feeds/news.atom": "2"}) == counts(1, 1, 1)
    assert held(root) == {"index.html": "1!", "feeds/news.atom": "2"}
    assert not (root / "x").exists()


def test_a_second_write_touches_nothing(tmp_path: Path):
    files = {"index.html": "1", "feeds/news.atom": "2"}
    write(tmp_path, files)
    before = {p: p.stat() for p in tmp_path.rglob("*")}
    assert write(tmp_path, files) == counts(0, 2, 0)
    assert {p: p.stat() for p in tmp_path.rglob("*")} == before


def test_the_manifest_does_not_depend_on_the_order_of_the_documents(tmp_path: Path):
    files = {f"{n}.html": str(n) for n in range(20)}
    write(tmp_path / "a", files)
    write(tmp_path / "b", dict(reversed(files.items())))
    assert (tmp_path / "a/.manifest.json").read_bytes() == (tmp_path / "b/.manifest.json").read_bytes()


def test_what_somebody_spoilt_or_deleted_is_mended(tmp_path: Path):
    write(tmp_path, {"a": "1", "b": "2"})
    (tmp_path / "a").write_text("X")
    (tmp_path / "b").unlink()
    assert write(tmp_path, {"a": "1", "b": "2"}) == counts(2, 0, 0)


def test_a_file_makes_way_for_a_folder_of_its_name_and_back(tmp_path: Path):
    for files in ({"a": "1"}, {"a/b/c": "2"}, {"a/b": "3"}, {"a": "4"}):
        write(tmp_path, files)
        assert held(tmp_path) == files


@pytest.mark.parametrize("mask", [0o077, 0o000])
def test_everybody_may_read_the_output_whatever_the_umask(tmp_path: Path, mask: int):
    code = f"import os; os.umask({mask}); from tests.edges.test_disk import *"
    code += f"; write(Path({str(tmp_path)!r}) / 'p', {{'a/b': ''}})"
    python("-c", code)
    modes = {p.relative_to(tmp_path).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*")}
    assert modes == {"p": 0o755, "p/a": 0o755, "p/a/b": 0o644, "p/.manifest.json": 0o644}


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
        [".manifest.json"],
        [".Unfinished"],
        ["a", "a"],
        ["a/b", "A/B"],
        ["perch\u00e9", "perche\u0301"],
        ["a", "a/b"],
        ["A/b/c", "a"],
    ],
)
def test_unfit_paths_are_refused_before_anything_is_touched(tmp_path: Path, paths: list[str]):
    write(tmp_path, {"old": "1"})
    with pytest.raises(RenderError):
        FolderDisk(None, tmp_path).write([Document("new", b""), *(Document(path, b"") for path in paths)])
    assert held(tmp_path) == {"old": "1"}


def strangers(root: Path) -> None:
    """Four things that are not ours at paths that we want, and one file beside."""
    (root / "feeds").mkdir(parents=True)
    (root / "index.html").write_text("altrui")
    (root / "feeds/news.atom").mkdir()
    (root / "robots.txt").symlink_to("index.html")
    (root / "linked").symlink_to("feeds")
    (root / "feeds/mine.txt").write_text("altrui")


WITH_STRANGERS = {"index.html": "n", "feeds/news.atom": "n", "robots.txt": "n", "linked/x": "n", "feeds/all.atom": "n"}


def test_what_is_not_ours_is_left_alone_and_named_after_all_else_is_done(tmp_path: Path):
    strangers(tmp_path)
    with pytest.raises(StoreError, match=r"feeds/news\.atom, index\.html, linked/x, robots\.txt; move it away"):
        write(tmp_path, WITH_STRANGERS)
    ours = {"feeds/all.atom": "n"}
    theirs = {"index.html": "altrui", "robots.txt": "->", "linked": "->", "feeds/mine.txt": "altrui"}
    assert held(tmp_path) == ours | theirs
    assert (tmp_path / "feeds/news.atom").is_dir()
    assert write(tmp_path, {}) == counts(0, 0, 1)
    assert held(tmp_path) == theirs


def test_once_the_way_is_free_the_file_is_written(tmp_path: Path):
    (tmp_path / "index.html").write_text("altrui")
    with pytest.raises(StoreError):
        write(tmp_path, {"index.html": "n"})
    (tmp_path / "index.html").unlink()
    assert write(tmp_path, {"index.html": "n"}) == counts(1, 0, 0)


def test_a_strangers_file_with_the_bytes_we_want_is_no_fault_and_stays_theirs(tmp_path: Path):
    (tmp_path / "robots.txt").write_text("n")
    assert write(tmp_path, {"robots.txt": "n"}) == counts(0, 1, 0)
    assert write(tmp_path, {}) == counts(0, 0, 0)
    assert held(tmp_path) == {"robots.txt": "n"}


def test_nothing_is_removed_or_written_through_a_link_that_took_our_folders_place(tmp_path: Path):
    root, other = tmp_path / "public", tmp_path / "other"
    write(root, {"a/b/old": "1", "a/b/new": "1"})
    (root / "a").rename(other)
    (root / "a").symlink_to(other)
    with pytest.raises(StoreError, match="a/b/new"):
        write(root, {"a/b/new": "2"})
    assert held(other) == {"b/old": "1", "b/new": "1"}


def test_many_strangers_are_counted(tmp_path: Path):
    for n in range(30):
        (tmp_path / f"{n:02}").write_text("altrui")
    with pytest.raises(StoreError, match="09 and 20 more; move"):
        write(tmp_path, {f"{n:02}": "n" for n in range(30)})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"files": ["../x"], "pending": {}}', '{"files": 1, "pending": {}}', "{}"]
)
def test_a_damaged_manifest_is_named_and_nothing_is_touched(tmp_path: Path, text: str):
    write(tmp_path, {"a": "1"})
    (tmp_path / ".manifest.json").write_text(text)
    with pytest.raises(StoreError, match=r"\.manifest\.json: is damaged"):
        write(tmp_path, {"b": "2"})
    assert held(tmp_path) == {"a": "1"}


def test_an_output_folder_that_is_a_file_is_a_fault_in_words(tmp_path: Path):
    (tmp_path / "public").write_text("x")
    with pytest.raises(StoreError, match=r"output folder .*public"):
        write(tmp_path / "public", {"a": "1"})


paths = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map("/".join)
trees = st.dictionaries(paths, st.sampled_from(["1", "22", "33"]), max_size=4).filter(
    lambda tree: not any(other.startswith(f"{path}/") for path in tree for other in tree)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(trees, min_size=1, max_size=4))
def test_the_folder_is_what_the_last_write_wanted(wanted: list[dict[str, str]]):
    before: dict[str, str] = {}
    with in_memory() as root:
        for files in wanted:
            same = len(before.items() & files.items())
            removed = len(before.keys() - files.keys())
            assert write(root, files) == counts(len(files) - same, same, removed)
            assert held(root) == files
            before = files
        write(root, {})
        assert {p.name for p in root.iterdir()} <= {".manifest.json"}


# Killed in the middle


@pytest.fixture
def folder() -> Iterator[Path]:
    with in_memory() as found:
        yield found


def python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=Path(__file__).parents[2], check=True, capture_output=True)


# In a process of its own, forks one that is killed at its nth call into the file system, for every n asked for, or for
# every n there is; and then another, killed just as far into what the first has left to do.
KILL = """
import os, signal, sys
from pathlib import Path
from tests.edges.test_disk import SCENES, write

root, (before, after), moments = Path(sys.argv[1]), SCENES[sys.argv[2]], [int(n) for n in sys.argv[3:]]

def killed(folder, moment):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    calls = 0
    def count(event, arguments):
        nonlocal calls
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"):
            calls += 1
            if calls > moment:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    write(folder, after)
    os._exit(0)

for moment in moments or range(10_000):
    folder = root / str(moment)
    write(folder, before)
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize(("scene", "moments"), [("every change there is", []), ("five hundred", CALLS)])
def test_after_a_kill_every_file_is_whole_and_the_next_write_mends(folder: Path, scene: str, moments: list[int]):
    before, after = SCENES[scene]
    python("-c", KILL, str(folder), scene, *map(str, moments))
    killed = [root for root in folder.iterdir() if held(root) != after | {"altrui.txt": "altrui"}]
    assert len(killed) >= (len(moments) or 20) // 2
    for root in folder.iterdir():
        whole(root, before, after)
        write(root, after)
        assert held(root) == after | {"altrui.txt": "altrui"}
        assert write(root, {})["removed"] == len(after)
        assert sorted(p.name for p in root.iterdir()) == [".manifest.json", "altrui.txt"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_file_that_a_stranger_put_in_after_a_kill_is_not_claimed(folder: Path):
    after = SCENES["every change there is"][1]
    python("-c", KILL, str(folder), "every change there is")
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
