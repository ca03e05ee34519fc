"""The steps of the common frontier that must be one: run inside Redis, by the clock of Redis.

``KEYS[1]`` is the crawl's prefix; the keys below it:

=================  ======  ===========================================================
``known``          hash    number of a request's key → the unit it belongs to
``units``          hash    unit → ``{host, score, errand}``, until it is struck off
``hosts``          set     hosts that have a queue
``queue:HOST``     zset    units to be taken, the most urgent first
``held:WORKER``    set     units lent to a worker
``alive:WORKER``   string  expires when a worker has not been heard of
``workers``        set     workers that hold something
``blocked``        hash    host → the kind of its block
``found``          hash    worker → how many reports it has
``sequence``       string  how many units were offered; the frontier exists when it does
=================  ======  ===========================================================

``nianlun:host:HOST`` (the lease of a host), ``nianlun:want:HOST`` and ``nianlun:pause:HOST`` lie outside the prefix:
two crawls under different names leave a host to one another, too.
"""

from __future__ import annotations

OFFER = """
if redis.call('HSETNX', KEYS[1]..'known', ARGV[1], ARGV[1]) == 0 then return 0 end
local sequence = redis.call('INCR', KEYS[1]..'sequence')
local score = sequence - tonumber(ARGV[3]) * 1e9
local unit = cjson.encode({host=ARGV[2], score=score, errand=ARGV[4]})
redis.call('HSET', KEYS[1]..'units', ARGV[1], unit)
redis.call('ZADD', KEYS[1]..'queue:'..ARGV[2], score, ARGV[1])
redis.call('SADD', KEYS[1]..'hosts', ARGV[2])
return 1
"""
"""ARGV: number, host, priority, errand.  1 when the frontier has not had the request before."""

CLAIM = """
local owner = redis.call('HGET', KEYS[1]..'known', ARGV[1])
if not owner then redis.call('HSET', KEYS[1]..'known', ARGV[1], ARGV[2]); return 1 end
return owner == ARGV[2] and 1 or 0
"""
"""ARGV: number, unit.  1 when the request belongs to this unit."""

_FREE = """
local function free(host, worker)
  local lease = redis.call('GET', 'nianlun:host:'..host)
  if lease then return lease == worker end
  local want = redis.call('GET', 'nianlun:want:'..host)
  if want and string.sub(want, 1, 5) == 'need:' and string.sub(want, 6) ~= worker then return false end
  return redis.call('EXISTS', 'nianlun:pause:'..host) == 0
end
local function hold(host, worker, milliseconds)
  redis.call('SET', 'nianlun:host:'..host, worker, 'PX', milliseconds)
  if redis.call('GET', 'nianlun:want:'..host) then redis.call('DEL', 'nianlun:want:'..host) end
end
"""

TAKE = (
    _FREE
    + """
local skip = {}
for i = 3, #ARGV do skip[ARGV[i]] = true end
local best, where, urgency
for _, host in ipairs(redis.call('SMEMBERS', KEYS[1]..'hosts')) do
  local first = redis.call('ZRANGE', KEYS[1]..'queue:'..host, 0, 0, 'WITHSCORES')
  if not first[1] then
    redis.call('SREM', KEYS[1]..'hosts', host)
  elseif not skip[host] and free(host, ARGV[1]) and (not urgency or tonumber(first[2]) < urgency) then
    best, where, urgency = first[1], host, tonumber(first[2])
  end
end
if not best then return false end
hold(where, ARGV[1], ARGV[2])
redis.call('ZREM', KEYS[1]..'queue:'..where, best)
redis.call('SADD', KEYS[1]..'held:'..ARGV[1], best)
redis.call('SADD', KEYS[1]..'workers', ARGV[1])
redis.call('SET', KEYS[1]..'alive:'..ARGV[1], 1, 'PX', ARGV[2])
local unit = cjson.decode(redis.call('HGET', KEYS[1]..'units', best))
return {best, where, unit.errand, redis.call('HGET', KEYS[1]..'blocked', where) or ''}
"""
)
"""ARGV: worker, milliseconds of a lease, hosts to leave out …  Unit, host, errand, the host's block; nil: nothing to take."""

HOLD = (
    _FREE
    + """
if free(ARGV[3], ARGV[1]) then hold(ARGV[3], ARGV[1], ARGV[2]); return 1 end
redis.call('SET', 'nianlun:want:'..ARGV[3], 'need:'..ARGV[1], 'PX', ARGV[2])
return 0
"""
)
"""ARGV: worker, milliseconds of a lease, host.  0: another holds it, and is told that it is needed."""

LEAVE = """
if redis.call('GET', 'nianlun:host:'..ARGV[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', 'nianlun:host:'..ARGV[2])
if tonumber(ARGV[3]) > 0 then redis.call('SET', 'nianlun:pause:'..ARGV[2], 1, 'PX', ARGV[3]) end
return 1
"""
"""ARGV: worker, host, milliseconds for which nobody may ask it."""

_REAP = """
local function put_back(worker)
  for _, id in ipairs(redis.call('SMEMBERS', KEYS[1]..'held:'..worker)) do
    local kept = redis.call('HGET', KEYS[1]..'units', id)
    if kept then
      local unit = cjson.decode(kept)
      redis.call('ZADD', KEYS[1]..'queue:'..unit.host, unit.score, id)
      redis.call('SADD', KEYS[1]..'hosts', unit.host)
    end
  end
  redis.call('DEL', KEYS[1]..'held:'..worker, KEYS[1]..'alive:'..worker)
  redis.call('SREM', KEYS[1]..'workers', worker)
end
local function reap()
  for _, worker in ipairs(redis.call('SMEMBERS', KEYS[1]..'workers')) do
    if redis.call('EXISTS', KEYS[1]..'alive:'..worker) == 0 then put_back(worker) end
  end
end
"""

RENEW = (
    _REAP
    + """
if redis.call('SISMEMBER', KEYS[1]..'workers', ARGV[1]) == 1 then
  redis.call('SET', KEYS[1]..'alive:'..ARGV[1], 1, 'PX', ARGV[2])
end
redis.call('HSET', KEYS[1]..'found', ARGV[1], ARGV[3])
local lost = {}
for i = 4, #ARGV do
  if redis.call('GET', 'nianlun:host:'..ARGV[i]) == ARGV[1] then
    redis.call('PEXPIRE', 'nianlun:host:'..ARGV[i], ARGV[2])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
reap()
return {redis.call('SMEMBERS', KEYS[1]..'held:'..ARGV[1]), lost, redis.call('HLEN', KEYS[1]..'units'),
  redis.call('EXISTS', KEYS[1]..'sequence')}
"""
)
"""ARGV: worker, milliseconds, reports found, hosts held …  Units still lent to it, hosts it lost, units open, existence."""

DONE = """
for i = 2, #ARGV do
  local mine = redis.call('SREM', KEYS[1]..'held:'..ARGV[1], ARGV[i]) == 1
  local kept = redis.call('HGET', KEYS[1]..'units', ARGV[i])
  if kept and not mine then
    mine = redis.call('ZREM', KEYS[1]..'queue:'..cjson.decode(kept).host, ARGV[i]) == 1
  end
  if mine then redis.call('HDEL', KEYS[1]..'units', ARGV[i]) end
end
return redis.call('HLEN', KEYS[1]..'units')
"""
"""ARGV: worker, units …  Strikes off what is lent to the worker, or went back meanwhile and was not taken again."""

RECLAIM = """
local held = KEYS[1]..'held:'..ARGV[1]
local kept = redis.call('HGET', KEYS[1]..'units', ARGV[3])
if not kept then return 0 end
if redis.call('SISMEMBER', held, ARGV[3]) == 0 then
  if redis.call('ZREM', KEYS[1]..'queue:'..cjson.decode(kept).host, ARGV[3]) == 0 then return 0 end
  redis.call('SADD', held, ARGV[3])
end
redis.call('SADD', KEYS[1]..'workers', ARGV[1])
redis.call('SET', KEYS[1]..'alive:'..ARGV[1], 1, 'PX', ARGV[2])
return 1
"""
"""ARGV: worker, milliseconds, unit.  1 when the unit is this worker's again; 0 when it is struck off, or another's."""

GIVE_BACK = _REAP + "put_back(ARGV[1])\nreturn redis.call('HLEN', KEYS[1]..'units')\n"
"""ARGV: worker."""

LOOK = (
    _FREE
    + _REAP
    + """
reap()
if redis.call('EXISTS', KEYS[1]..'sequence') == 0 then return 'none' end
if redis.call('HLEN', KEYS[1]..'units') == 0 then return 'done' end
for _, host in ipairs(redis.call('SMEMBERS', KEYS[1]..'hosts')) do
  if redis.call('ZCARD', KEYS[1]..'queue:'..host) > 0 then
    if free(host, ARGV[1]) then return 'free' end
    if ARGV[2] ~= '0' and redis.call('SET', 'nianlun:want:'..host, 'idle:'..ARGV[1], 'PX', ARGV[2], 'NX') then
      return 'wished'
    end
  end
end
return 'busy'
"""
)
"""ARGV: worker, milliseconds a wish lasts (0: none).  State: none, done, free (something can be taken), busy, wished."""
