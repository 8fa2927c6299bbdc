--! world
-- The jobs behind ids, and those that produce what has the id. Words: API, then ids.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local found, api = {}, ARGV[1]
for place = 2, #ARGV do
  local maker = call('HGET', key('makers', api), ARGV[place])
  found[#found + 1] = call('HGET', key('jobs', api), ARGV[place])
  found[#found + 1] = maker and call('HGET', key('jobs', api), maker)
end
return found
