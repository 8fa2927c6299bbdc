--! world shelf all
-- Nothing is kept any more, and no request begins. Gives how often each example was answered.
local holder = call('HGET', base, 'holder')
if call('HEXISTS', base, 'closed') == 1 then return {{}, {}} end
local found = {call('HGETALL', base .. ':seen'), call('HGETALL', base .. ':earlier')}
let_go()
for _, id in ipairs(call('HKEYS', base .. ':uploads')) do forget(id) end
for _, api in ipairs(call('SMEMBERS', base .. ':apis')) do
  call('UNLINK', key('kept', api), key('credits', api))
end
call('UNLINK', base, base .. ':seen', base .. ':earlier', base .. ':entries', base .. ':draws', base .. ':apis',
  base .. ':configuration', base .. ':shelf', base .. ':requested', base .. ':kept', base .. ':uploads', base .. ':left-out',
  base .. ':watchers')
call('HSET', base, 'closed', 1)
call('EXPIRE', base, 86400)
if holder then wake(holder) end
call('SREM', OWNERLESS, base)
-- Nothing is to be looked after here where one of them is gone.
for _, worker in ipairs(call('ZRANGE', 'ms1:{workers}:beats', 0, -1)) do call('SREM', 'ms1:{workers}:of:' .. worker, base) end
return found
