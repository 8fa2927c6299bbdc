--! world
-- Nothing of the sandbox is kept any more but that it was closed, for a day: who comes late hears so from the index.
local holder = call('HGET', base, 'holder')
for _, api in ipairs(call('SMEMBERS', base .. ':apis')) do
  for _, owner in ipairs(call('SMEMBERS', key('owners', api))) do call('UNLINK', key('list', api) .. ':' .. owner) end
  for _, kind in ipairs({'jobs', 'created', 'owners', 'busy', 'makers', 'windows', 'ordered', 'orders', 'keys',
    'claimed', 'refunds', 'refund', 'refunded', 'uses', 'armed', 'kept', 'credits'}) do
    call('UNLINK', key(kind, api))
  end
end
for _, id in ipairs(call('HKEYS', base .. ':uploads')) do call('UNLINK', base .. ':upload:' .. id) end
for _, kind in ipairs({'apis', 'uploads', 'shelf', 'kept', 'draws', 'seen', 'earlier', 'journal', 'flight', 'caused',
  'claims', 'events', 'owed', 'active', 'entries', 'configuration'}) do
  call('UNLINK', base .. ':' .. kind)
end
call('UNLINK', base)
call('HSET', base, 'closed', 1)
call('EXPIRE', base, 86400)
if holder then wake(holder) end
return 1
