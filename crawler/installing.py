"""What makes the schedule run by itself: a systemd unit with its timer, or a line for cron.

Quoting follows systemd.service(5) and systemd.exec(5) ("%" and "$" are doubled, words stand in double quotes) and
crontab(5) ("%" is escaped; the rest is the shell's).
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def unit_name(archive: Path) -> str:
    """The unit of an archive: ``nianlun`` for ``nianlun.db``, ``nianlun-north`` for ``north.db``."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", archive.stem).strip("-.")
    return "nianlun" if stem in ("nianlun", "") else f"nianlun-{stem}"


def service(command: Sequence[str], archive: Path, folders: Iterable[Path], *, user: bool) -> str:
    """The unit: the service in the foreground, started again when it fails, writing nowhere but in ``folders``."""
    beyond = [
        f"-{folder}" for folder in folders if not folder.is_relative_to(archive.parent)
    ]  # it need not be there yet
    places = " ".join(_word(place, dollars=False) for place in dict.fromkeys([str(archive.parent), *beyond]))
    lines = [
        "[Unit]",
        f"Description=nianlun schedule of {_plain(archive.name)}",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(_word(word) for word in command)}",
        f"WorkingDirectory={_plain(str(archive.parent))}",
        "Restart=on-failure",
        "RestartSec=60",
        "RestartPreventExitStatus=2",
        "KillMode=mixed",
        "TimeoutStopSec=150",
        "NoNewPrivileges=yes",
        *(["PrivateUsers=yes"] if user else []),
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        "PrivateTmp=yes",
        "ProtectKernelTunables=yes",
        "ProtectControlGroups=yes",
        "RestrictSUIDSGID=yes",
        f"ReadWritePaths={places}",
    ]
    return "\n".join(lines) + "\n"


def timer(name: str) -> str:
    """The timer: starts the service after boot, and again an hour after it gave up; while it runs this does nothing."""
    lines = [
        "[Unit]",
        f"Description=starts {name}.service",
        "",
        "[Timer]",
        "OnActiveSec=1min",
        "OnBootSec=2min",
        "OnUnitInactiveSec=1h",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def cron_line(command: Sequence[str], archive: Path) -> str:
    """One line for a crontab: every hour what is due by then is crawled; a run that goes on is not disturbed."""
    words = shlex.join(command)
    log = shlex.quote(f"{archive}.schedule.log")
    return f"17 * * * * cd {shlex.quote(str(archive.parent))} && {words} >> {log} 2>&1".replace("%", r"\%")


def _word(text: str, *, dollars: bool = True) -> str:
    escaped = _plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped.replace("$", "$$") if dollars else escaped}"'


def _plain(text: str) -> str:
    return text.replace("%", "%%")
