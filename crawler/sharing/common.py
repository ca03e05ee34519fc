"""The common frontier of one portal's crawl, in Redis: offered once, lent to one worker, struck off when committed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.model import Errand
from archive.urls import host_of, key_number
from crawler.exceptions import NianlunError
from crawler.sharing import scripts

if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT = 7 * 86_400
"""Seconds for which Redis remembers a frontier that has ended: who comes late must learn that it has."""
_BELOW = ("known", "units", "hosts", "workers", "blocked", "found", "sequence")


class FrontierLost(NianlunError):
    """Raised when Redis does not answer, or lost what it held; the crawl is resumable."""

    exit_code = 3


def number_of(errand: Errand) -> str:
    """The number of a request's key: the one the archive's frontier keeps it under."""
    return str(key_number(f"{errand.method} {errand.key}"))


def packed(errand: Errand) -> str:
    """An errand as Redis keeps it."""
    return json.dumps({**asdict(errand), "body": errand.body.decode("latin-1")}, ensure_ascii=False)


def unpacked(text: str) -> Errand:
    """The errand of :func:`packed`.

    Redis is another program's memory: a callback that is no ``parse_…`` is not called (:class:`FrontierLost`), and
    the host, on which all manners hang, is read off the address.
    """
    found = json.loads(text)
    if not str(found["callback"]).startswith("parse_"):
        raise FrontierLost(
            f"The common frontier holds what no crawl wrote (callback {found['callback']!r}); see who writes to it."
        )
    headers = tuple((name, value) for name, value in found["headers"])
    body = found["body"].encode("latin-1")
    return Errand(**{**found, "body": body, "headers": headers, "host": host_of(found["url"])})


@dataclass(frozen=True, slots=True)
class Taken:
    """A unit lent to a worker: its number, its first request, and the kind of block its host was left alone for."""

    unit: str
    errand: Errand
    blocked: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a worker learns when it is heard of: what is still its own, and whether anything is left."""

    units: frozenset[str]
    lost: frozenset[str]
    """Hosts whose lease it had and has no more."""
    open: int | None
    """Units not struck off, whoever has them; None where Redis knows no such frontier."""


class Redis:
    """A connection whose troubles are sentences, with the scripts registered."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._scripts: dict[str, Any] = {}

    @classmethod
    def at(cls, address: str) -> Redis:
        """Connect; raises :class:`FrontierLost` where nobody answers, or the extra is not installed."""
        try:
            import redis  # noqa: PLC0415
        except ImportError as error:
            raise FrontierLost(
                "A common frontier needs the extra [redis]: pip install 'nianlun[redis]'."
                " · 共用待采队列需要安装扩展 [redis]。"
            ) from error
        try:
            client = redis.Redis.from_url(address, decode_responses=True, socket_timeout=5, socket_connect_timeout=5)
        except ValueError as error:
            raise FrontierLost(f"--frontier {address}: {error}; write it like redis://127.0.0.1:6379/0.") from error
        made = cls(client, client.connection_pool.connection_kwargs.get("host", "") or "the socket")
        made.call("ping")
        return made

    def run(self, script: str, *keys_and_values: Any) -> Any:
        """Run one of :mod:`crawler.sharing.scripts`; the first value is its key."""
        if script not in self._scripts:
            self._scripts[script] = self._client.register_script(script)
        key, *values = keys_and_values
        return self._safely(lambda: self._scripts[script](keys=[key], args=values))

    def call(self, name: str, *values: Any, **more: Any) -> Any:
        """One command of Redis."""
        return self._safely(lambda: getattr(self._client, name)(*values, **more))

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def _safely(self, action: Any) -> Any:
        import redis  # noqa: PLC0415

        try:
            return action()
        except redis.RedisError as error:
            raise FrontierLost(
                f"The common frontier at {self._address} does not answer ({error}); start Redis and run the same command"
                " again, nothing is lost. · 共用待采队列没有应答，启动 Redis 后再次运行同一命令即可继续。"
            ) from error


class Common:
    """One portal's frontier as one worker sees it.  Every method raises :class:`FrontierLost`."""

    def __init__(self, server: Redis, name: str, portal: str, worker: str, lease: float) -> None:
        self._redis = server
        self.prefix = f"nianlun:{name}:{portal}:"
        self.worker = worker
        self._lease = int(lease * 1000)

    def offer(self, errand: Errand) -> bool:
        """Put a request where any worker may take it; False when the crawl has had it already."""
        values = (number_of(errand), errand.host, errand.priority, packed(errand))
        return bool(self._redis.run(scripts.OFFER, self.prefix, *values))

    def claim(self, errand: Errand, unit: str) -> bool:
        """Keep a request with the unit it belongs to; False when it is another's."""
        return bool(self._redis.run(scripts.CLAIM, self.prefix, number_of(errand), unit))

    def take(self, without: Iterable[str] = ()) -> Taken | None:
        """Take the most urgent unit of a host that is free or held already, and hold the host; None: there is none."""
        found = self._redis.run(scripts.TAKE, self.prefix, self.worker, self._lease, *without)
        if not found:
            return None
        unit, _, errand, blocked = found
        return Taken(unit, unpacked(errand), blocked or None)

    def hold(self, host: str) -> bool:
        """Take or keep the lease of a host; False when another worker has it."""
        return bool(self._redis.run(scripts.HOLD, self.prefix, self.worker, self._lease, host))

    def leave(self, host: str, pause: float) -> None:
        """Give up a host, which is asked by nobody for ``pause`` seconds."""
        self._redis.run(scripts.LEAVE, self.prefix, self.worker, host, int(pause * 1000))

    def wanted(self, host: str) -> str | None:
        """How another worker wants a host this one has: ``need``, ``idle``, or not at all."""
        kind, _, worker = (self._redis.call("get", f"nianlun:want:{host}") or "").partition(":")
        return kind if worker and worker != self.worker else None

    def renew(self, hosts: Iterable[str], found: int) -> Standing:
        """Be heard of: all leases run anew.  ``found``: reports this worker has seen."""
        units, lost, left, exists = self._redis.run(scripts.RENEW, self.prefix, self.worker, self._lease, found, *hosts)
        return Standing(frozenset(units), frozenset(lost), int(left) if exists else None)

    def done(self, units: Iterable[str]) -> int:
        """Strike off units all of which is committed; return how many are left, whoever has them."""
        return int(self._redis.run(scripts.DONE, self.prefix, self.worker, *units))

    def reclaim(self, unit: str) -> bool:
        """Take up again a unit of before; False when it is struck off, or another worker has it."""
        return bool(self._redis.run(scripts.RECLAIM, self.prefix, self.worker, self._lease, unit))

    def give_back(self) -> None:
        """Let others take what is lent to this worker."""
        self._redis.run(scripts.GIVE_BACK, self.prefix, self.worker)

    def look(self, wish: float = 0) -> str:
        """Whether there is something to take: ``none`` (not begun), ``done``, ``free``, ``busy``, ``wished``.

        ``wish``: for so many seconds a holder of several hosts is asked to leave one of this portal's to this worker.
        """
        return str(self._redis.run(scripts.LOOK, self.prefix, self.worker, int(wish * 1000)))

    def block(self, host: str, kind: str) -> None:
        """Tell all workers that a host blocked one of them."""
        self._redis.call("hset", self.prefix + "blocked", host, kind)

    def asked(self, host: str, day: str, requests: int, size: int) -> tuple[int, int]:
        """Add to what a host was asked for on a day (UTC), and return the sums of all workers: requests, bytes."""
        key = f"{self.prefix}asked:{day}"
        sums = [
            int(self._redis.call("hincrby", key, f"{host} {what}", amount))
            for what, amount in (("requests", requests), ("bytes", size))
        ]
        self._redis.call("expire", key, 2 * 86_400)
        return sums[0], sums[1]

    def found(self) -> int:
        """How many reports all workers have seen."""
        return sum(map(int, self._redis.call("hvals", self.prefix + "found")))

    def keep_for_latecomers(self) -> None:
        """Have Redis forget an ended frontier after :data:`KEPT` seconds."""
        for name in _BELOW:
            self._redis.call("expire", self.prefix + name, KEPT)
