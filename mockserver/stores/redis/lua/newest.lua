--! world
-- The newest jobs of all accounts. Words: API, how many.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local found, most = {}, tonumber(ARGV[2])
if most > 0 then
  for _, id in ipairs(call('ZRANGE', key('created', ARGV[1]), 0, most - 1, 'REV')) do
    found[#found + 1] = call('HGET', key('jobs', ARGV[1]), id)
  end
end
return found
