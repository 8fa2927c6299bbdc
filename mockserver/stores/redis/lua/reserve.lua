--! world
-- The numbers of the next draws, one for each word.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local found = {}
for place, purpose in ipairs(ARGV) do found[place] = call('HINCRBY', base .. ':draws', purpose, 1) - 1 end
return found
