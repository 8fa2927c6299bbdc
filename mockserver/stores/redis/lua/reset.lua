--! world uses configuration shelf all
-- The next generation. Words: revision, then the configuration.
local known = call('HMGET', base, 'rev', 'holder', 'n')
if not known[1] then return 'GONE' end
if tonumber(ARGV[1]) ~= tonumber(known[1]) + 1 then return 0 end
let_go()  -- first: an engine that is full takes what follows on what makes room, and nothing else
call('HSET', base, 'rev', ARGV[1], 'since', known[3])
local draws = call('HGETALL', base .. ':draws')
for place = 1, #draws, 2 do
  if string.sub(draws[place], 1, 8) ~= 'account.' then call('HDEL', base .. ':draws', draws[place]) end
end
local seen = call('HGETALL', base .. ':seen')
for place = 1, #seen, 2 do call('HINCRBY', base .. ':earlier', seen[place], seen[place + 1]) end
call('UNLINK', base .. ':seen')
call('HDEL', base, 'due', 'owed_dropped')
put_configuration(2, true)
if known[2] then wake(known[2]) end
return 1
