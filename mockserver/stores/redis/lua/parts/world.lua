-- What every script begins with: its keys, numbers as text and back, the time, and the head of the sandbox.
local base, call, LAST = KEYS[1], redis.call, BOUND_LAST
local function key(kind, api) return base .. ':' .. kind .. ':' .. api end
local function number(text)
  if text == 'inf' then return math.huge end
  if text == '-inf' then return -math.huge end
  return tonumber(text)
end
local function text(value)
  if value == math.huge then return 'inf' end
  if value == -math.huge then return '-inf' end
  return string.format('%.17g', value)
end
local started = nil
local function time()
  if not started then
    local now = call('TIME')
    started = tonumber(now[1]) + tonumber(now[2]) / 1000000
  end
  return started
end
local function exact(moment) return math.min(tonumber(string.format('%.6f', moment)), LAST) end
-- Never less than was seen before: the clock of an engine that takes another one's place may be behind.
local function now_of(mode, rate, at, anchor, seen)
  if mode ~= 'real' then return number(at) end
  local moment = number(at) + math.max(0, time() - number(anchor)) * number(rate)
  return math.min(math.max(moment, seen and number(seen) or 0), LAST)
end
local function now()
  local clock = call('HMGET', base, 'mode', 'rate', 'at', 'anchor', 'seen')
  return now_of(clock[1], clock[2], clock[3], clock[4], clock[5])
end
-- Nobody delivers who is there: whoever looks next does, and adopts the sandbox.
local OWNERLESS = 'ms1:{workers}:ownerless'
local function wake(holder)
  if call('PUBLISH', 'ms1:to:' .. holder, 'wake ' .. base) == 0 then call('SADD', OWNERLESS, base) end
end
