--! world index
-- Open sandboxes behind a number, oldest first. Words: number, how many.
local found = {}
for place, name in ipairs(call('ZRANGE', open, '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2])) do
  found[place] = call('HGET', records, name)
end
return found
