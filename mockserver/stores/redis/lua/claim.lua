--! world
-- Claim an idempotency key. Words: API, field, when, number of the request, seconds, weight, the beginning of the record.
local head = call('HMGET', base, 'rev', 'since')
if not head[1] then return 'GONE' end
local api, field, at, n, ttl, weight, start = unpack(ARGV)
if tonumber(n) > 0 and tonumber(n) <= tonumber(head[2]) then return 'OVER' end
local keys, kept = key('keys', api), key('kept', api)
local known = call('HGET', keys, field)
if known then
  local before, answered, takes, rest = string.match(known, '^([^\1]*)\1[^\1]*\1([01])\1(%d+)\1%d+\1(.*)$')
  if answered == '0' or number(at) - number(before) < number(ttl) then return rest end
  call('HINCRBY', kept, 'keys', -tonumber(takes))
end
local spot = call('HINCRBY', kept, 'key', 1)
call('HSET', keys, field, at .. '\1' .. n .. '\0010\1' .. weight .. '\1' .. spot .. '\1' .. start .. '\1null')
call('ZADD', key('claimed', api), spot, field)
call('HINCRBY', kept, 'keys', weight)
call('HSET', base .. ':claims', n, api .. '\1' .. field)
return 1
