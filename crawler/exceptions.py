"""The application's errors, none of which needs Scrapy to be imported.

::

    NianlunError                 what happened, and what to do; ``exit_code`` is the command's
    └── UsageError               (2) a wrong name, option or file; raised by commands

How a crawl ended (unreachable, stopped early) is no error but its summary: ``crawler.commands.crawl.exit_code``.

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
