"""The application's errors, none of which needs Scrapy to be imported.

::

    NianlunError                 what happened, and what to do; ``exit_code`` is the command's
    ├── UsageError               (2) a wrong name, option or file; raised by commands
    ├── Unreachable              (3) the portal or a needed service could not be reached; raised by commands
    └── Stopped                  (4) a limit or a signal; raised by ``crawl``, resumable

Errors of the archive are :class:`archive.connection.ArchiveError` with an ``exit_code`` of their own; the two
exceptions that steer Scrapy (``Refused``, ``Ended``) live in :mod:`crawler.middlewares`, which raises them.
"""

from __future__ import annotations


class NianlunError(Exception):
    """The root: its message is one sentence for the user."""

    exit_code = 1


class UsageError(NianlunError):
    """Wrong usage or unreadable input."""

    exit_code = 2


class Unreachable(NianlunError):
    """The portal or a needed service could not be reached."""

    exit_code = 3


class Stopped(NianlunError):
    """Stopped early; what was recorded is kept and the command can be repeated."""

    exit_code = 4
