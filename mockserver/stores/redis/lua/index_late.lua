--! world
-- A request came too late; the oldest make room. Words: what is known of it, what it weighs.
call('RPUSH', base .. ':late', ARGV[2] .. '\1' .. ARGV[1])
local bytes = call('INCRBY', base .. ':late_bytes', ARGV[2])
while call('LLEN', base .. ':late') > BOUND_LATE_COUNT or tonumber(bytes) > BOUND_LATE do
  bytes = call('DECRBY', base .. ':late_bytes', string.match(call('LPOP', base .. ':late'), '^(%d+)\1'))
end
return 1
