--! world
-- Keep a whole request, or more of one that is kept. Words: id, part, weight, API, record.
local head = call('HGET', base, 'rev')
if not head then return 0 end
local ids, kept, requests = base .. ':request-ids', base .. ':requested', base .. ':requests'
local n, before = call('HGET', ids, ARGV[1]), 0
if n then
  before = tonumber(string.match(call('HGET', requests, n), '^(%d+)\1'))
elseif ARGV[2] ~= '0' then
  return 0
else
  n = call('HINCRBY', kept, 'newest', 1)
  call('HSET', ids, ARGV[1], n)
end
call('HSET', requests, n, ARGV[3] .. '\1' .. ARGV[1] .. '\1' .. ARGV[4] .. '\1' .. ARGV[5])
local bytes = call('HINCRBY', kept, 'bytes', tonumber(ARGV[3]) - before)
local first, newest = tonumber(call('HGET', kept, 'first') or '1'), tonumber(call('HGET', kept, 'newest'))
while newest - first + 1 > BOUND_REQUESTS_COUNT or (bytes > BOUND_REQUESTS and newest > first) do
  local weight, id = string.match(call('HGET', requests, first), '^(%d+)\1([^\1]*)\1')
  call('HDEL', requests, first)
  call('HDEL', ids, id)
  call('HINCRBY', kept, 'dropped', 1)
  bytes = call('HINCRBY', kept, 'bytes', -tonumber(weight))
  first = first + 1
  call('HSET', kept, 'first', first)
end
return 1
