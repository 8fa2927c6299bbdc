-- What control switched: one document without its faults, which stand beside it one by one, for `take`.
local FAULTS_COUNT = BOUND_FAULTS_COUNT
-- Words: generation, document, and of each API its name, its accounts with their credits, and its faults.
local function have(api, ids)
  local armed, over = {}, {}
  for _, id in ipairs(ids) do armed[id] = true end
  local known = call('HKEYS', key('uses', api))
  if #known > FAULTS_COUNT then
    for _, id in ipairs(known) do if not armed[id] then over[#over + 1] = id end end
    table.sort(over, function(one, other)
      return (tonumber(string.match(one, '%d+$')) or 0) < (tonumber(string.match(other, '%d+$')) or 0)
    end)
    for place = 1, #over - FAULTS_COUNT do call('HDEL', key('uses', api), over[place]) end
  end
end
local function put_configuration(at, is_anew)
  call('HSET', base, 'generation', ARGV[at])
  call('SET', base .. ':configuration', ARGV[at + 1])
  local apis, place = tonumber(ARGV[at + 2]), at + 3
  for _ = 1, apis do
    local api, accounts = ARGV[place], tonumber(ARGV[place + 1])
    call('SADD', base .. ':apis', api)
    place = place + 2
    for _ = 1, accounts do
      local id, opening, is_endless = ARGV[place], ARGV[place + 1], ARGV[place + 2]
      if is_anew and is_endless == '1' then call('HSET', key('credits', api), id, opening)
      else call('HSETNX', key('credits', api), id, opening) end
      place = place + 3
    end
    call('DEL', key('armed', api))
    local ids, faults = {}, tonumber(ARGV[place])
    place = place + 1
    for _ = 1, faults do
      local id = ARGV[place]
      ids[#ids + 1] = id
      call('HSETNX', key('uses', api), id, ARGV[place + 3])
      call('HSET', key('armed', api), id, ARGV[place + 1] .. '\1' .. ARGV[place + 2] .. '\1' .. ARGV[place + 4])
      place = place + 5
    end
    if #ids > 0 then put_armed_ids(api, ids) end
    have(api, ids)
  end
end
