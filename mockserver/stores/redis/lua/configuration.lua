--! world uses
-- Gives the revision, the document, and of each API its faults.
local rev = call('HGET', base, 'rev')
if not rev then return 'GONE' end
local found = {rev, call('GET', base .. ':configuration')}
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
