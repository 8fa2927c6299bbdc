--! world uses
-- Gives the revision, the generation, the document, and of each API its faults.
local head = call('HMGET', base, 'rev', 'generation')
if not head[1] then return 'GONE' end
local found = {head[1], head[2], call('GET', base .. ':configuration')}
for _, api in ipairs(call('SMEMBERS', base .. ':apis')) do
  local faults = {}
  for _, id in ipairs(armed_ids(api)) do
    faults[#faults + 1] = string.match(call('HGET', key('armed', api), id), '^[^\1]*\1[^\1]*\1(.*)$')
  end
  if #faults > 0 then
    found[#found + 1] = api
    found[#found + 1] = faults
  end
end
return found
