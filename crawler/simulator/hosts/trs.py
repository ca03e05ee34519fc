"""TRS WCM, static pages (field guide, 1.1): the portal of :mod:`crawler.simulator.trs` as a host of the country.

Columns are directories; the first lists a 2010-era table with ``createPageHTML(3, 0, "index", "html")``
(page k in ``index_{k-1}.html``), the second a list whose page count is an inline ``countPage``.  Articles
are ``{column}{YYYYMM}/t{YYYYMMDD}_{id}.html``.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Wrong: one page of GBK bytes labelled UTF-8; the day in older addresses is the day of a migration; the
listing's day is up to three days late.  Traps: the page past the table's end is a refresh to the column
with status 200; the banner is a ``TRS_Editor``; one docid stands in two columns; a ``_zzb`` variant; rows
straight to a PDF; a ``.doc`` that is HTML; a commented-out menu entry.
"""

from crawler.simulator import trs
from crawler.simulator.site import Host

HOSTS = {"trs": Host(trs.build)}
