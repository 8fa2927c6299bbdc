-- The end of a request: what it claimed is given up, what it caused may be delivered. Gives how much that is.
local function over(n)
  call('HDEL', base .. ':flight', n)
  local claim = call('HGET', base .. ':claims', n)
  if claim then
    call('HDEL', base .. ':claims', n)
    local api, field = string.match(claim, '^([^\1]*)\1(.*)$')
    local use = call('HGET', key('keys', api), field)
    local number_of, answered, weight = string.match(use or '', '^[^\1]*\1([^\1]*)\1([01])\1(%d+)\1')
    if number_of == n and answered == '0' then
      call('HDEL', key('keys', api), field)
      call('ZREM', key('claimed', api), field)
      call('HINCRBY', key('kept', api), 'keys', -tonumber(weight))
    end
  end
  local caused, many = call('HGET', base .. ':caused', n), 0
  if caused then
    call('HDEL', base .. ':caused', n)
    for each in string.gmatch(caused, '[^\1]+') do
      call('RPUSH', base .. ':events', each)
      many = many + 1
    end
  end
  return many
end
