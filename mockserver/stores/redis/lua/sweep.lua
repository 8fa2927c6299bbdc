--! world uses ending
-- A worker is gone: its requests are over, and keep nothing any more; it delivers no more. Where something is owed, somebody
-- has to adopt the sandbox. Words: worker.
if call('HEXISTS', base, 'rev') == 0 then return 0 end
local flight, mine = call('HGETALL', base .. ':flight'), ARGV[1] .. '\1'
for place = 1, #flight, 2 do
  if string.sub(flight[place + 1], 1, #mine) == mine then
    over({flight[place]})
    call('SADD', base .. ':swept', flight[place])
  end
end
call('EXPIRE', base .. ':swept', 86400)
call('SREM', base .. ':holding', ARGV[1])
call('HDEL', base .. ':held', ARGV[1])
for _, use in ipairs(call('HKEYS', base .. ':active')) do
  local worker, api, fault = string.match(use, '^([^\1]*)\1([^\1]*)\1([^\1]*)\1')
  if worker == ARGV[1] then
    local uses = uses_of(api, fault)
    if uses then
      uses[3] = uses[3] - 1
      put_uses(api, fault, uses)
    end
    call('HDEL', base .. ':active', use)
  end
end
local holder = call('HGET', base, 'holder')
if holder == ARGV[1] then
  call('HDEL', base, 'holder')
  holder = false
end
if holder then
  wake(holder)
  return 0
end
if call('SCARD', base .. ':owing') + call('LLEN', base .. ':events') > 0 then call('SADD', OWNERLESS, base) end
return 1
