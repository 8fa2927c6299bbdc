--! world index
-- Close a sandbox: what it holds is let go by a second step, until which it is noted. Words: name, owner, how many bytes its name, owner and credentials take, idle for so long (or nothing).
local name, closed, gone = ARGV[1], base .. ':closed', base .. ':gone'
if not is_open(name) then return 0 end
if ARGV[4] ~= '' and time() - tonumber(call('ZSCORE', used, name)) <= number(ARGV[4]) then return 0 end
call('ZREM', open, name)  -- first: an engine that is full takes what follows on what makes room, and nothing else
call('SADD', base .. ':closing', name)
call('ZREM', used, name)
call('HDEL', records, name)
local mine = call('HGET', owned, name) or ''
call('HDEL', owned, name)
for _, credential in ipairs(parts(mine)) do
  local left = {}
  for _, heir in ipairs(parts(call('HGET', heirs, credential))) do
    if is_open(heir) then left[#left + 1] = heir end
  end
  if #left > 0 and call('HGET', names, credential) == name then
    call('HSET', names, credential, table.remove(left, 1))
  end
  if #left > 0 then call('HSET', heirs, credential, joined(left)) else call('HDEL', heirs, credential) end
end
call('HSET', closed, name, ARGV[3] .. '\1' .. ARGV[2] .. '\1' .. mine)
call('ZADD', gone, call('INCR', base .. ':ended'), name)
local bytes = call('INCRBY', base .. ':gone-bytes', ARGV[3])
while call('ZCARD', gone) > BOUND_CLOSED_COUNT or bytes > BOUND_CLOSED do
  local oldest = call('ZPOPMIN', gone)[1]
  local weight, _, credentials = string.match(call('HGET', closed, oldest), '^(%d+)\1([^\1]*)\1(.*)$')
  call('HDEL', closed, oldest)
  bytes = call('DECRBY', base .. ':gone-bytes', weight)
  for _, credential in ipairs(parts(credentials)) do
    if call('HGET', names, credential) == oldest then call('HDEL', names, credential) end
  end
end
return 1
