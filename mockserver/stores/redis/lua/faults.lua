--! world uses
-- One more request fits each of these (count), or what became of them (uses). Words: what, API, generation, faults.
local head = call('HMGET', base, 'rev', 'generation')
if not head[1] then return 'GONE' end
if ARGV[1] == 'count' and ARGV[3] ~= head[2] then return 'OVER' end
local found, api = {}, ARGV[2]
for place = 4, #ARGV do
  local uses = uses_of(api, ARGV[place])
  if ARGV[1] == 'count' then
    if limits_of(api, ARGV[place]) and uses then
      uses[1] = uses[1] + 1
      put_uses(api, ARGV[place], uses)
    else
      uses = nil
    end
  end
  found[#found + 1] = uses and words_of(uses) or false
end
return found
