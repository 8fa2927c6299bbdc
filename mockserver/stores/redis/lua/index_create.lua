--! world index
-- Open a sandbox. Words: its name, its record, then its credentials.
local name = ARGV[1]
if is_open(name) or call('HEXISTS', base .. ':closed', name) == 1 then return 'taken' end
if call('ZCARD', open) >= BOUND_SANDBOXES then return 'full' end
local n = call('INCR', base .. ':made')
call('ZADD', open, n, name)
call('ZADD', used, time(), name)
call('HSET', records, name, n .. '\1' .. ARGV[2])
lead(name, 3)
return 'made'
