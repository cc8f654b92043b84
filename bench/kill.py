"""Kill -9, again and again, while 2,000 mails go out by SMTP: who is forgotten, what comes twice.

    .venv/bin/python bench/kill.py [KILLS] [SEED]

Two hundred kills by default, at moments that the seed chooses; tests/jobs/test_deliver_killed.py does twenty.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.killing import judge, killed  # noqa: E402

MAILS = 2000


def main(kills: int, seed: int) -> None:
    with TemporaryDirectory() as folder:
        told = killed(Path(folder), MAILS, kills, seed)
    judge(told, MAILS, kills)
    unknown = sum(map(len, told.lost))
    print(f"{kills} kills: all {MAILS} subscribers have the issue, {len(told.doubles)} of them twice, "
          f"all of those among the {unknown} that were unknown")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
