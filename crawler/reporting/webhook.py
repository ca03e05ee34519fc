"""The webhook: a report as JSON, sent to an address by POST."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from crawler.exceptions import NianlunError
from crawler.settings import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.reporting.report import Report

TIMEOUT = 10.0
"""Seconds an address has to answer."""
RETRIES = 2
_WAIT = 2.0
"""Seconds before the first retry; doubled for the second."""


class Undelivered(NianlunError):
    """Raised when a report could not be sent; it is sent with the next one."""


def post(url: str, report: Report, sleep: Callable[[float], None] = time.sleep) -> None:
    """Send a report; any 2xx is an answer.  Raises :class:`Undelivered` after the third time in vain.

    The address is the operator's own choice and may be on loopback or a private network.  ``Idempotency-Key`` is the
    report's id: the same news sent again after a crash has the same.
    """
    body = json.dumps(report.as_dict(), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"nianlun/{VERSION}",
        "Idempotency-Key": report.id,
    }
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  # the schedule file holds http(s) alone
    for attempt in range(RETRIES + 1):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                answer.read(65536)
        except (OSError, http.client.HTTPException) as error:
            trouble = error
            if isinstance(error, urllib.error.HTTPError):
                error.close()
        else:
            return
        if attempt < RETRIES:
            sleep(_WAIT * 2**attempt)
    raise Undelivered(
        f"The webhook {url} did not take the report ({trouble}); it is sent again with the next one. · 推送失败，下次重试。"
    ) from trouble
