--! world
-- The orders that wait. Words: API.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local found = {}
for place, id in ipairs(call('ZRANGE', key('ordered', ARGV[1]), 0, -1)) do
  found[place] = id .. '\1' .. call('HGET', key('orders', ARGV[1]), id)
end
return found
