"""What is installed: paths that hold anywhere, quoted as systemd, cron and the shell want it."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

from crawler.cli import run
from crawler.installing import cron_line, service, timer, unit_name

ARCHIVE = Path('/srv/my "100%" archive/north $HOME.db')
COMMAND = ["/usr/bin/python3", "/opt/n l/nianlun.py", "schedule", "run", "--archive", str(ARCHIVE)]


def test_a_unit_is_named_after_its_archive() -> None:
    assert unit_name(Path("/x/nianlun.db")) == "nianlun"
    assert unit_name(Path("/x/north.db")) == "nianlun-north"
    assert unit_name(ARCHIVE) == "nianlun-north-HOME"
    assert unit_name(Path("/x/年报.db")) == "nianlun"


def test_the_unit_quotes_and_hardens() -> None:
    text = service(COMMAND, ARCHIVE, [ARCHIVE.parent / "reports", Path("/var/feed")], user=False)
    lines = text.splitlines()
    assert (
        'ExecStart="/usr/bin/python3" "/opt/n l/nianlun.py" "schedule" "run" "--archive"'
        ' "/srv/my \\"100%%\\" archive/north $$HOME.db"'
    ) in lines
    assert 'ReadWritePaths="/srv/my \\"100%%\\" archive" "-/var/feed"' in lines
    assert 'WorkingDirectory=/srv/my "100%%" archive' in lines
    assert {"Restart=on-failure", "NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(lines)
    assert "PrivateUsers=yes" not in lines
    assert "PrivateUsers=yes" in service(COMMAND, ARCHIVE, [], user=True)


def test_the_timer_starts_it() -> None:
    found = configparser.ConfigParser()
    found.read_string(timer("nianlun-x"))
    assert found["Install"]["WantedBy"] == "timers.target"
    assert found["Timer"]["OnUnitInactiveSec"] == "1h"


def test_the_line_for_cron_comes_through_the_shell_as_it_was() -> None:
    line = cron_line(COMMAND, ARCHIVE)
    assert line.startswith("17 * * * * cd ")
    assert "%" not in line.replace(r"\%", "")
    words = shlex.split(line.replace(r"\%", "%").removeprefix("17 * * * * "))
    assert words[:3] == ["cd", str(ARCHIVE.parent), "&&"]
    assert words[3 : 3 + len(COMMAND)] == COMMAND


def test_install_writes_for_the_user_and_says_what_to_run(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "nianlun.toml").write_text('[schedule]\ntargets = ["nx-dofcom"]\n')
    words = ["schedule", "install", "--systemd", "--user", "-a", str(tmp_path / "x.db"), "--rotate", "4"]
    assert run([*words, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    folder = tmp_path / ".config/systemd/user"
    assert not folder.exists()
    assert run(words) == 0
    told = capsys.readouterr().err
    unit = (folder / "nianlun-x.service").read_text()
    assert unit in shown
    assert f'"--config" "{tmp_path}/nianlun.toml" "--rotate" "4"' in unit
    assert "systemctl --user daemon-reload" in told
    assert "systemctl --user enable --now nianlun-x.timer" in told
    assert sorted(file.name for file in folder.iterdir()) == ["nianlun-x.service", "nianlun-x.timer"]


def test_cron_is_printed_and_one_of_the_two_must_be_said(tmp_path, capsys) -> None:
    (tmp_path / "nianlun.toml").write_text('[schedule]\ntargets = ["nx-dofcom"]\n')
    words = ["schedule", "install", "-a", str(tmp_path / "x.db")]
    assert run([*words, "--cron"]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert run(words) == 2
    assert "--systemd or --cron" in capsys.readouterr().err
