--! world uses configuration
-- The next revision. Words: revision, then the configuration.
local known = call('HMGET', base, 'rev', 'holder')
if not known[1] then return 'GONE' end
if tonumber(ARGV[1]) ~= tonumber(known[1]) + 1 then return 0 end
call('HSET', base, 'rev', ARGV[1])
put_configuration(2, false)
if known[2] then wake(known[2]) end
return 1
