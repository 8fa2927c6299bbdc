--! world
-- A worker is there. Words: its name, after how many seconds one is gone. Gives those that are, each with its sandboxes,
-- and the sandboxes in which something is owed and nobody delivers.
local moment = time()
call('ZADD', base .. ':beats', moment, ARGV[1])
local gone = {}
for _, name in ipairs(call('ZRANGEBYSCORE', base .. ':beats', '-inf', moment - tonumber(ARGV[2]))) do
  gone[#gone + 1] = name
  gone[#gone + 1] = call('SMEMBERS', base .. ':of:' .. name)
end
return {gone, call('SMEMBERS', base .. ':ownerless')}
