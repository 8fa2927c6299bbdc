--! world
-- A worker is gone: give some of its sandboxes, of which these are looked after now. Words: its name, these. Gives none once
-- it is buried, and nothing where it has come back.
local name, of = ARGV[1], base .. ':of:' .. ARGV[1]
if call('SISMEMBER', base .. ':burying', name) == 0 then return false end
for place = 2, #ARGV do call('SREM', of, ARGV[place]) end
local left = call('SRANDMEMBER', of, 100)
if #left == 0 then
  call('SREM', base .. ':burying', name)
  if call('PUBLISH', 'ms1:to:' .. name, 'there?') == 0 then call('SREM', base .. ':listening', name) end
end
return left
