--! world index
-- Close a sandbox. Words: name, for how long nobody may have used it (empty: whatever it is), its owner, what it weighs,
-- then examples, each with how often it was answered. Gives whether it was open.
local name = ARGV[1]
if not is_open(name) then return 0 end
if ARGV[2] ~= '' and time() - number(call('ZSCORE', base .. ':used', name)) <= number(ARGV[2]) then return 0 end
for place = 5, #ARGV, 2 do call('HINCRBY', base .. ':seen', ARGV[place], ARGV[place + 1]) end
local mine = call('HGET', base .. ':credentials', name) or ''
call('HDEL', base .. ':records', name)
call('ZREM', base .. ':open', name)
call('ZREM', base .. ':used', name)
for credential in string.gmatch(mine, '([^\2]+)\2') do
  local rest, heir = '', nil
  for each in string.gmatch(call('HGET', base .. ':heirs', credential) or '', '([^\2]+)\2') do
    if is_open(each) then
      if not heir and call('HGET', base .. ':names', credential) == name then heir = each
      else rest = rest .. each .. '\2' end
    end
  end
  if heir then call('HSET', base .. ':names', credential, heir) end
  if rest == '' then call('HDEL', base .. ':heirs', credential) else call('HSET', base .. ':heirs', credential, rest) end
end
call('HSET', base .. ':closed', name, ARGV[3])
call('HSET', base .. ':weights', name, ARGV[4])
call('RPUSH', base .. ':gone', name)
local bytes = call('INCRBY', base .. ':bytes', ARGV[4])
while call('LLEN', base .. ':gone') > BOUND_CLOSED_COUNT or tonumber(bytes) > BOUND_CLOSED do
  local oldest = call('LPOP', base .. ':gone')
  bytes = call('DECRBY', base .. ':bytes', call('HGET', base .. ':weights', oldest))
  unlead(oldest, call('HGET', base .. ':credentials', oldest))
  call('HDEL', base .. ':closed', oldest)
  call('HDEL', base .. ':weights', oldest)
  call('HDEL', base .. ':credentials', oldest)
end
return 1
