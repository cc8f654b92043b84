"""Kill -9 while an issue goes out by SMTP: everybody gets it, and what may have come twice is known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.killing import judge, killed

MAILS, KILLS = 2000, 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is killed like this here")
@pytest.mark.timeout(400)
def test_a_send_that_is_killed_at_twenty_moments_forgets_nobody(tmp_path: Path) -> None:
    told = killed(tmp_path, MAILS, KILLS, seed=14)
    judge(told, MAILS, KILLS)
    assert any(told.lost), "no death came while a mail was in hand"
