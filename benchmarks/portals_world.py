"""Many small portals on one loopback port, told apart by their host names; a tenth of them can be made to hang.

    python benchmarks/portals_world.py PORT HANGING

``p{N}.gov.test`` has a home page, a column of twenty reports of free text and nothing else; the first HANGING hosts
take a request and never answer.  It prints ``ready`` when it stands, and for each line ``rates`` on standard input
what was asked of each host since the line before: its requests and the seconds between the first and the last.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict

REPORTS = 20
ROBOTS = b"User-agent: *\nDisallow: /login/\n"


def home(name: str) -> str:
    """A home page with one promising link."""
    return f'<html><head><title>{name}</title></head><body><ul><li><a href="/gk/">政府信息公开</a></li><li><a href="/gk/nb/">政府信息公开年报</a></li></ul></body></html>'


def column(number: int) -> str:
    """Twenty rows, newest first."""
    rows = "".join(
        f'<li><a href="/gk/nb/t{year}0301_{number * 100 + year - 2000}.html">云岫{number}县水利局{year - 1}年政府信息公开工作年度报告</a><span>{year}-03-01</span></li>'
        for year in range(2023, 2023 - REPORTS, -1)
    )
    return f"<html><head><title>政府信息公开年报</title></head><body><ul>{rows}</ul></body></html>"


def article(number: int, path: str) -> str:
    """A report of the years before the forms."""
    year = int(path.rpartition("/t")[2][:4]) - 1
    text = "".join(
        f"<p>　　第{n}项工作：健全制度，规范程序，提高服务水平，第{n * number % 97}次检查合格。</p>" for n in range(30)
    )
    title = f"云岫{number}县水利局{year}年政府信息公开工作年度报告"
    return (
        f'<html><head><title>{title}</title><meta name="ArticleTitle" content="{title}"/></head><body><div class=TRS_Editor><p>{title}</p>'
        f"<p>根据《中华人民共和国政府信息公开条例》规定，编制本报告，统计期限自{year}年1月1日至12月31日。</p><p>一、主动公开政府信息情况</p>{text}"
        f"<p>全年主动公开政府信息{year % 50 + number}条，收到政府信息公开申请{number % 7}件。</p></div></body></html>"
    )


class World:
    """The server."""

    def __init__(self, hanging: int) -> None:
        self.hanging = hanging
        self.asked: dict[str, list[float]] = defaultdict(list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests until it is closed."""
        try:
            while line := await reader.readline():
                headers = {}
                while (head := (await reader.readline()).strip()) != b"":
                    name, _, value = head.decode("latin-1").partition(":")
                    headers[name.lower()] = value.strip()
                host = headers.get("host", "").partition(":")[0]
                number = int(host.removeprefix("p").partition(".")[0])
                self.asked[host].append(time.monotonic())
                if number < self.hanging:
                    await asyncio.sleep(3600)
                writer.write(self.answer(number, line.decode("latin-1").split(" ")[1], headers.get("if-none-match")))
                await writer.drain()
        except (ConnectionError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def answer(self, number: int, path: str, tag: str | None) -> bytes:
        """What a host answers; everything is unchanged for whoever has it."""
        if path == "/robots.txt":
            return self.packed(200, ROBOTS, "text/plain")
        if path in {"/", "/gk/"}:
            text = home(f"云岫{number}县水利局")
        elif path == "/gk/nb/":
            text = column(number)
        elif path.startswith("/gk/nb/t"):
            text = article(number, path)
        else:
            return self.packed(404, b"<html><body>404</body></html>", "text/html")
        if tag == '"1"':
            return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
        return self.packed(200, text.encode(), "text/html; charset=utf-8", 'ETag: "1"\r\n')

    def packed(self, status: int, body: bytes, kind: str, more: str = "") -> bytes:
        """An answer as bytes."""
        return (
            f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body
        )

    def rates(self) -> dict[str, tuple[int, float]]:
        """What was asked of each host since this was last asked."""
        found = {host: (len(times), times[-1] - times[0]) for host, times in self.asked.items() if times}
        self.asked.clear()
        return found


async def main(port: int, hanging: int) -> None:
    """Serve until standard input is closed."""
    world = World(hanging)
    server = await asyncio.start_server(world.serve, "127.0.0.1", port, backlog=1024)
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(world.rates()), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
