--! world index
-- Open a sandbox. Words: name, record, credentials.
local name = ARGV[1]
if is_open(name) or call('HEXISTS', base .. ':closed', name) == 1 then return 'taken' end
if call('ZCARD', base .. ':open') >= BOUND_SANDBOXES then return 'full' end
local n = call('INCR', base .. ':n')
call('HSET', base .. ':records', name, n .. '\1' .. ARGV[2])
call('ZADD', base .. ':open', n, name)
call('ZADD', base .. ':used', text(time()), name)
lead(name, 3)
return 'made'
