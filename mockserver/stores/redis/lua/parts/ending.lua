-- The end of requests: what they claimed is given up, what they caused may be delivered. Gives how much that is.
local function give_up(n, claim)
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
local function over(numbers)
  call('HDEL', base .. ':flight', unpack(numbers))
  if call('EXISTS', base .. ':claims', base .. ':caused') == 0 then return 0 end
  local many, claims = 0, call('HMGET', base .. ':claims', unpack(numbers))
  local caused = call('HMGET', base .. ':caused', unpack(numbers))
  for place, n in ipairs(numbers) do
    if claims[place] then give_up(n, claims[place]) end
    if caused[place] then
      call('HDEL', base .. ':caused', n)
      for each in string.gmatch(caused[place], '[^\1]+') do
        call('RPUSH', base .. ':events', each)
        many = many + 1
      end
    end
  end
  return many
end
