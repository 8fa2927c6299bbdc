--! world
-- The resources whose secrets clients may know: of each API its name, and ids, each with its resource.
local found = {}
for _, api in ipairs(call('SMEMBERS', base .. ':apis')) do
  found[#found + 1] = api
  found[#found + 1] = call('HGETALL', key('issued', api))
end
return found
