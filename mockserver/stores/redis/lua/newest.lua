--! world
-- The newest jobs of all accounts, no more than go into one answer. Words: API, how many, behind which place (nothing: from
-- the newest on). Gives the place behind which there may be more (or nothing), and the jobs.
local MANY, BYTES = 1000, 1048576
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local found, most, bytes = {false}, math.min(tonumber(ARGV[2]), MANY), 0
if most <= 0 then return found end
local behind = ARGV[3] == '' and '+inf' or '(' .. ARGV[3]
local ids = call('ZRANGE', key('created', ARGV[1]), behind, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, most, 'WITHSCORES')
for place = 1, #ids, 2 do
  local job = call('HGET', key('jobs', ARGV[1]), ids[place])
  found[#found + 1] = job
  bytes = bytes + #job
  if bytes >= BYTES or #found > most then
    found[1] = ids[place + 1]
    break
  end
end
return found
