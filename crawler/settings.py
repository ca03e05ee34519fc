"""Every Scrapy setting we change: Scrapy's default, ours, and the reason.

Any of them, and any other Scrapy setting, is overridden by an environment variable ``NIANLUN_<SETTING>``
(``NIANLUN_DOWNLOAD_DELAY=5``).  What a crawl ran with is kept in its row.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any


def _version() -> str:
    try:
        return version("nianlun")
    except PackageNotFoundError:
        return "0.1.0"


VERSION = _version()

BOT_NAME = "nianlun"
SPIDER_MODULES = ["spiders"]
SPIDER_LOADER_CLASS = "spiders.loader.RegisterLoader"  # a spider is an entry of the register, not a module

# Who we are.  Default "Scrapy/VERSION": an administrator must see who asks and where to complain.
CONTACT = os.environ.get("NIANLUN_CONTACT", "https://github.com/nianlun/nianlun")
USER_AGENT = f"nianlun/{VERSION} (+{CONTACT})"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",  # default "en": some portals answer it with an English stub
}

# Manners.  Defaults 16, 8 and 0: one connection a host, a delay and its jitter (0.5 to 1.5 of it).
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 3.0
DOWNLOAD_DELAY_JITTER = 0.0  # ours (crawler.middlewares.Guard) is drawn once a request, 0.5 to 1.5 of the delay
ROBOTSTXT_OBEY = False  # ours (crawler.middlewares.Robots) also stops at 5xx and records the answer; Scrapy's allows it

# Safety.  Defaults True, True: both open ports on this machine.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
DOWNLOAD_MAXSIZE = 64 * 2**20  # default 1 GiB; an annual report's largest seen attachment is 40 MB
DOWNLOAD_WARNSIZE = 0  # default 32 MiB, logged; ours is an outcome
DOWNLOAD_TIMEOUT = 60  # default 180: a dripping host must not hold its slot for three minutes
DOWNLOAD_FAIL_ON_DATALOSS = True  # the default, relied upon: half a body is a failure
DNS_RESOLVER = "crawler.resolver.PublicResolver"  # what is connected to is what was checked
DNS_TIMEOUT = 20
DOWNLOAD_HANDLERS = {"ftp": None, "s3": None, "file": None, "data": None}  # http and https only

# The road.  Redirects, retries and duplicates are the frontier's: each hop and attempt is recorded.
SCHEDULER = "crawler.frontier.Frontier"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
RETRY_ENABLED = False
HTTPERROR_ALLOW_ALL = True
REFERER_ENABLED = False  # the frontier keeps the referrer, so that a resumed request sends the same one
DEPTH_STATS_VERBOSE = False
URLLENGTH_LIMIT = 0
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.Decode": 5,
    "crawler.middlewares.Evidence": 10,
    "crawler.middlewares.Guard": 20,
    "crawler.middlewares.Robots": 30,
    "crawler.middlewares.Revisit": 40,
    "crawler.middlewares.Received": 595,  # nearer to the wire than HttpCompression's 590
    # unused parts off: they cost every exchange, and no second opinion on offsite requests
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    "crawler.ledger.Ledger": 50,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
}
ITEM_PIPELINES = {"pipelines.store.ReadPart": 100, "pipelines.store.KeepPart": 900}
EXTENSIONS = {
    "crawler.extensions.Progress": 0,
    "crawler.extensions.LastResort": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.closespider.CloseSpider": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.logcount.LogCount": None,
}

# Speed.  Default 100: Scrapy starts that many worker tasks for every response.
CONCURRENT_ITEMS = 8
LOG_LEVEL = "CRITICAL"  # what goes wrong is an outcome with a reason; --debug shows Scrapy's log
STATS_DUMP = False
WARN_ON_GENERATOR_RETURN_VALUE = False  # reads every callback's source anew for each portal
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def overrides(environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The settings given as ``NIANLUN_<SETTING>`` variables; values are JSON where they parse as JSON."""
    names = {name for name in globals() if name.isupper()} | {"DOWNLOAD_VERIFY_CERTIFICATES", "ASYNCIO_EVENT_LOOP"}
    found: dict[str, Any] = {}
    for key, text in (os.environ if environment is None else environment).items():
        name = key.removeprefix("NIANLUN_")
        if name == key or name not in names or name in ("CONTACT", "VERSION"):
            continue
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    return found
