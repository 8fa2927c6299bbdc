"""What the user of an engine has to be allowed, and what is said of one who may do less. Asks nothing by itself.

What scripts call is read off their texts, so that none is forgotten; what a process asks besides is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from mockserver.stores.redis.scripts import scripts

RIGHTS = "~ms1:* &ms1:* +@all -@admin -@dangerous +info"
DIRECT = (
    "EVALSHA", "GET", "HDEL", "HEXISTS", "HGET", "HINCRBY", "HMGET", "LRANGE", "PUBLISH", "SADD", "SET",
    "SMEMBERS", "SREM", "TIME", "UNLINK", "ZCARD", "ZREM", "ZSCORE",
)  # fmt: skip
"""What is asked by no script, besides the greeting."""
KEY, CHANNEL = "ms1:{workers}:rights", "ms1:to:rights"
KEYS, CHANNELS, UNKNOWN = "~", "&", "!"
"""How the probe tells that it is not a command that is refused."""
CALLED = re.compile(r"\bcall\('([A-Z]+)'")
REFUSED = ("NOPERM", "ERR ACL failure in script", "ERR The user executing the script can't")
"""What an engine's answer begins with: to a call, and to a script, of later engines and of Redis 7.0."""
RENAMED = "its settings take commands away (`rename-command`); let these have their names"
FEW = 5
PROBE = """
local refused, key, channel = {}, ARGV[1], ARGV[2]
local function is_refused(word, ...)
  local answer = redis.pcall(...)
  local why = type(answer) == 'table' and answer.err or ''
  return string.find(why, word, 1, true) and not string.find(why, ' run ', 1, true)
end
local function is_allowed(command)
  if command == 'PUBLISH' then return pcall(redis.acl_check_cmd, command, channel, channel) end
  if command == 'EVALSHA' then return pcall(redis.acl_check_cmd, command, key, '1', key) end
  return pcall(redis.acl_check_cmd, command, key, key, key)
end
if is_refused('key', 'EXISTS', key) then refused[1] = '~' end
if is_refused('channel', 'PUBLISH', channel, '') then refused[#refused + 1] = '&' end
if #refused > 0 then return refused end
for place = 3, #ARGV do
  local is_known, may_run = is_allowed(ARGV[place])
  if not is_known then refused[#refused + 1] = '!' .. ARGV[place]
  elseif not may_run then refused[#refused + 1] = ARGV[place] end
end
return refused
"""
"""Gives what is refused: keys, channels, or which commands (with ! those that are not there). It changes nothing.

Words: a key, a channel, commands.
"""


@cache
def needed() -> tuple[str, ...]:
    """The commands without which no server does its work."""
    called = {each for script in scripts().values() for each in CALLED.findall(script.text)}
    return tuple(sorted(called | {*DIRECT}))


def probe() -> tuple[str, ...]:
    """The words of a call that gives what is refused to whoever asks."""
    return ("EVAL", PROBE, "0", KEY, CHANNEL, *needed())


def lacking(refused: Sequence[bytes], user: str) -> str:
    """What is said of a user to whom this is refused."""
    words = [each.decode() for each in refused]
    if unknown := [each.removeprefix(UNKNOWN) for each in words if each.startswith(UNKNOWN)]:
        return f"does not know {_some(unknown)}: {RENAMED}"
    commands = [each for each in words if each not in (KEYS, CHANNELS)]
    what = ["touch the keys ms1:*"] * (KEYS in words) + ["use the channels ms1:*"] * (CHANNELS in words)
    if commands:
        what.append(f"run {_some(commands)}")
    return f"lets its user do too little: {user} may not {', nor '.join(what)}; {remedy(user)}"


def _some(commands: Sequence[str]) -> str:
    more = f" and {len(commands) - FEW} more commands" if len(commands) > FEW else ""
    return f"{', '.join(commands[:FEW])}{more}"


def remedy(user: str) -> str:
    """What whoever looks after the engine is to say there."""
    return f"say there: ACL SETUSER {user} {RIGHTS}"
