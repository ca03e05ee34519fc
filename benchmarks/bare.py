"""The peer: bare Scrapy with its default settings, links deduplicated before a request is built, nothing kept.

python benchmarks/bare.py URL...        prints the number of pages it fetched
"""

from __future__ import annotations

import sys
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess

pages = 0


class Bare(scrapy.Spider):
    """Follows every link of the hosts it was given."""

    name = "bare"
    custom_settings = {"LOG_LEVEL": "CRITICAL", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}
    seen: set[str] = set()

    def __init__(self, urls):
        self.start_urls = urls
        self.hosts = {urlsplit(url).netloc for url in urls}

    def parse(self, response):
        global pages  # noqa: PLW0603  # one process, one count
        pages += 1
        if not isinstance(response, scrapy.http.HtmlResponse):
            return
        for link in response.css("a::attr(href)").getall():
            url = urljoin(response.url, link).partition("#")[0]
            if url not in self.seen and urlsplit(url).netloc in self.hosts:
                self.seen.add(url)
                yield scrapy.Request(url)


if __name__ == "__main__":
    process = CrawlerProcess()
    process.crawl(Bare, urls=sys.argv[1:])
    process.start()
    print(pages)
