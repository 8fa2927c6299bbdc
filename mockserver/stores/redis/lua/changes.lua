--! world
-- What happened since a watcher asked last. Words: watcher, whether it asks no more.
local watchers, noted, left, found = base .. ':watchers', base .. ':noted:' .. ARGV[1], {}, {}
if ARGV[2] == '0' then
  if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
  found = call('LRANGE', noted, 0, -1)
end
for place, kind in ipairs({'entry', 'job', 'webhook'}) do
  local field = ARGV[1] .. '\1' .. kind
  left[place] = tonumber(call('HGET', base .. ':left-out', field) or '0')
  call('HDEL', base .. ':left-out', field)
end
call('DEL', noted)
if ARGV[2] == '1' then call('ZREM', watchers, ARGV[1])
else
  call('ZREMRANGEBYSCORE', watchers, '-inf', text(time() - 3600))
  call('ZADD', watchers, time(), ARGV[1])
  call('EXPIRE', watchers, 3600)
end
return {found, left}
