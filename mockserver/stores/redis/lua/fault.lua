--! world uses
-- What a fault does. Words: what, API, generation, worker, fault, and what more there is to say.
local head = call('HMGET', base, 'rev', 'generation')
if not head[1] then return 'GONE' end
local what, api, generation, worker, fault = unpack(ARGV)
if generation ~= head[2] then return 'OVER' end
local uses, limits = uses_of(api, fault), limits_of(api, fault)
if what == 'take' then
  if not limits or not uses then return 0 end
  if (limits[1] and uses[2] >= limits[1]) or (limits[2] and uses[3] >= limits[2]) then return 0 end
  uses[2], uses[3] = uses[2] + 1, uses[3] + 1
  put_uses(api, fault, uses)
  call('HSET', base .. ':active', table.concat({worker, api, fault, generation, uses[2]}, '\1'), 1)
  if limits[1] and uses[2] >= limits[1] then
    local left = {}
    for _, id in ipairs(armed_ids(api)) do if id ~= fault then left[#left + 1] = id end end
    call('HDEL', key('armed', api), fault)
    put_armed_ids(api, left)
    call('HINCRBY', base, 'rev', 1)
  end
  return words_of(uses)
elseif what == 'draw' then
  local n, others = -1, {}
  for name, many in string.gmatch(uses and uses[5] or '', '([^\2\3]*)\2(%d+)\3') do
    if name == ARGV[6] then n = tonumber(many) else others[#others + 1] = name .. '\2' .. many .. '\3' end
  end
  n = n + 1
  if uses then
    uses[5] = table.concat(others) .. ARGV[6] .. '\2' .. n .. '\3'
    put_uses(api, fault, uses)
  end
  return n
elseif what == 'foresee' then
  if uses and #uses[4] >= BOUND_FORESEEN then return 0 end
  if uses then
    uses[4] = uses[4] .. ARGV[6]
    put_uses(api, fault, uses)
  end
  return 1
end
if not uses or uses[4] == '' then return 2 end
local met = string.sub(uses[4], 1, 1)
uses[4] = string.sub(uses[4], 2)
put_uses(api, fault, uses)
return tonumber(met)
