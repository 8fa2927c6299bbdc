--! world
-- What is known of a name: 1 and its record, or 0 and its owner. Words: name, whether it is used.
local found = call('HGET', base .. ':records', ARGV[1])
if found then
  if ARGV[2] == '1' then call('ZADD', base .. ':used', text(time()), ARGV[1]) end
  return {1, found}
end
local owner = call('HGET', base .. ':closed', ARGV[1])
return owner and {0, owner} or false
