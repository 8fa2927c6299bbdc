-- Let go of what a sandbox holds, but for its head and its accounts.
local function let_go()
  for _, api in ipairs(call('SMEMBERS', base .. ':apis')) do
    for _, owner in ipairs(call('SMEMBERS', key('owners', api))) do call('UNLINK', key('list', api) .. ':' .. owner) end
    for _, kind in ipairs({'jobs', 'created', 'owners', 'busy', 'makers', 'windows', 'ordered', 'orders', 'keys',
      'claimed', 'refunds', 'refund', 'refunded', 'issued', 'uses', 'armed'}) do
      call('UNLINK', key(kind, api))
    end
    call('HDEL', key('kept', api), 'bytes', 'dropped', 'keys', 'ordered')
  end
  for _, id in ipairs(call('HKEYS', base .. ':uploads')) do
    if string.sub(call('HGET', base .. ':uploads', id), 1, 1) == '1' then forget(id) end
  end
  call('UNLINK', base .. ':journal', base .. ':weights', base .. ':flight', base .. ':caused', base .. ':claims', base .. ':events',
    base .. ':owed', base .. ':owing', base .. ':swept', base .. ':active', base .. ':holding', base .. ':held', base .. ':walks', base .. ':requests', base .. ':request-ids')
  call('HDEL', base .. ':entries', 'first', 'next', 'bytes')
  local requested = call('HGET', base .. ':requested', 'newest')
  if requested then
    call('HSET', base .. ':requested', 'first', requested + 1)
    call('HDEL', base .. ':requested', 'bytes', 'dropped')
  end
end
