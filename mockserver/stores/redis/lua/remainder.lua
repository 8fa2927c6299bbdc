--! world
-- The windows of an API, the uses of its keys, and how many jobs it has. Words: API.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local api, keys = ARGV[1], {}
for _, field in ipairs(call('ZRANGE', key('claimed', api), 0, -1)) do
  local use = call('HGET', key('keys', api), field)
  local answered, record = string.match(use, '^[^\1]*\1[^\1]*\1([01])\1%d+\1%d+\1(.*)$')
  if answered == '1' then
    keys[#keys + 1] = field
    keys[#keys + 1] = record
  end
end
return {call('HGETALL', key('windows', api)), keys, call('HLEN', key('jobs', api))}
