--! world
-- A request came too late. Words: its weight, its record.
local late, bytes = base .. ':late', nil
call('RPUSH', late, ARGV[1] .. '\1' .. ARGV[2])
bytes = call('INCRBY', base .. ':late-bytes', ARGV[1])
while call('LLEN', late) > BOUND_LATE_COUNT or bytes > BOUND_LATE do
  bytes = call('DECRBY', base .. ':late-bytes', string.match(call('LPOP', late), '^(%d+)\1'))
end
return 1
