--! world holders
-- Read the clock (read, tick), switch it (switch, mode, rate, step, revision), or move it (move, generation, to, by); then the
-- worker that does so. Others who hold requests are told where it was switched, moved or has stepped.
-- A walk learns where it ends (walk, generation, by, its name): whoever goes on with it is told the same.
-- It reads it (look), or moves it and stops there (stop, as move): it is given as well who holds requests, as workers,
-- each with what it has told (see `hold`), and those who are to be told when it is moved: others were, and look.
local known = call('HMGET', base, 'mode', 'rate', 'step', 'at', 'anchor', 'turned', 'generation', 'holder', 'due',
  'seen')
if not known[1] then return 'GONE' end
local moment, before = now_of(known[1], known[2], known[4], known[5], known[10])
before = moment
local function stand(at)
  moment = at
  call('HSET', base, 'at', text(at), 'anchor', text(time()))
end
if ARGV[1] == 'read' or ARGV[1] == 'look' then
  if ARGV[2] == '1' and known[1] == 'step' then
    stand(exact(moment + number(known[3])))
    tell_holders(ARGV[5])
  end
  if known[1] == 'real' then call('HSET', base, 'seen', text(moment)) end
elseif ARGV[1] == 'walk' then
  if ARGV[2] ~= known[7] then return 'OVER' end
  local walks = base .. ':walks'
  local is_new = call('HSETNX', walks, ARGV[4], text(exact(moment + number(ARGV[3]))))
  call('EXPIRE', walks, 86400)
  if known[1] == 'real' then call('HSET', base, 'seen', text(moment)) end
  return {{known[1], known[2], known[3], text(moment), known[6]}, call('HGET', walks, ARGV[4]), is_new}
elseif ARGV[1] == 'switch' then
  if tonumber(ARGV[5]) ~= tonumber(known[6]) + 1 then return 0 end
  stand(moment)
  known[1], known[2], known[3], known[6] = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
  call('HSET', base, 'mode', ARGV[2], 'rate', ARGV[3], 'step', ARGV[4], 'turned', ARGV[5])
  tell_holders(ARGV[6])
  if known[8] then wake(known[8]) end
else
  if ARGV[2] ~= known[7] then return 'OVER' end
  local to = number(ARGV[3])
  if to > moment then stand(to) end
  local by = number(ARGV[4])
  if by ~= 0 then
    local after = exact(moment + by)
    if after > moment then stand(after) end
  end
  if ARGV[1] == 'move' then tell_holders(ARGV[5]) end
end
if ARGV[1] ~= 'switch' and moment > before and known[8] and known[9] and moment >= number(known[9])
  and known[8] ~= ARGV[5] then wake(known[8]) end
local reading = {known[1], known[2], known[3], text(moment), known[6]}
if ARGV[1] == 'stop' or ARGV[1] == 'look' then
  return {reading, call('HGETALL', base .. ':held'), call('SMEMBERS', base .. ':holding')}
end
return reading
