"""The mail: a report as plain text, with the same as HTML beside it."""

from __future__ import annotations

import os
import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from crawler.reporting.text import headline, page, text
from crawler.reporting.webhook import Undelivered

if TYPE_CHECKING:
    from crawler.reporting.report import Report
    from crawler.schedule_file import Mail

TIMEOUT = 30.0
"""Seconds the mail server has for each answer."""


def message(report: Report, mail: Mail) -> EmailMessage:
    """The mail; its Message-ID is the report's id, so that the same news sent twice can be told."""
    found = EmailMessage()
    found["From"] = mail.sender
    found["To"] = ", ".join(mail.to)
    found["Subject"] = headline(report)
    found["Date"] = format_datetime(datetime.fromtimestamp(report.made / 1000, UTC))
    found["Message-ID"] = f"<{report.id.rpartition(':')[2]}@{Address(addr_spec=mail.sender).domain}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(text(report))
    found.add_alternative(page(report), subtype="html")
    return found


def send(report: Report, mail: Mail) -> None:
    """Hand the mail to the server; raises :class:`Undelivered`."""
    try:
        with smtplib.SMTP(mail.smtp, mail.port, timeout=TIMEOUT) as server:
            if mail.starttls:
                server.starttls(context=ssl.create_default_context())
            if mail.user:
                server.login(mail.user, _password(mail))
            server.send_message(message(report, mail))
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(
            f"The mail server {mail.smtp}:{mail.port} did not take the report ({error}); it is sent again with the next"
            " one. · 邮件发送失败，下次重试。"
        ) from error


def _password(mail: Mail) -> str:
    found = os.environ.get(mail.password_env)
    if not found:
        raise Undelivered(
            f"The mail server wants a password and ${mail.password_env} is not set; set it and start again."
        )
    return found
