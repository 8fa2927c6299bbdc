-- What an armed fault did: seen, applied, active, what was foreseen (0 and 1), and what was drawn how often.
local function uses_of(api, fault)
  local known = call('HGET', key('uses', api), fault)
  if not known then return nil end
  local seen, applied, active, foreseen, drawn = string.match(known, '^(%d+)\1(%d+)\1(%d+)\1([01]*)\1(.*)$')
  return {tonumber(seen), tonumber(applied), tonumber(active), foreseen, drawn}
end
local function words_of(uses)
  return string.format('%d\1%d\1%d\1%s\1%s', uses[1], uses[2], uses[3], uses[4], uses[5])
end
local function put_uses(api, fault, uses) call('HSET', key('uses', api), fault, words_of(uses)) end
local function armed_ids(api)
  local found, ids = {}, call('HGET', key('armed', api), '')
  for id in string.gmatch(ids or '', '([^\1]+)\1') do found[#found + 1] = id end
  return found
end
local function put_armed_ids(api, ids)
  local texts = {}
  for _, id in ipairs(ids) do texts[#texts + 1] = id .. '\1' end
  call('HSET', key('armed', api), '', table.concat(texts))
end
local function limits_of(api, fault)
  local armed = fault ~= '' and call('HGET', key('armed', api), fault)
  if not armed then return nil end
  local most, at_once = string.match(armed, '^([^\1]*)\1([^\1]*)\1')
  return {tonumber(most), tonumber(at_once)}
end
