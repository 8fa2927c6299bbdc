--! world index
-- The names of those that nobody used for so many seconds. Words: seconds.
local since, found = time() - number(ARGV[1]), {}
for _, name in ipairs(call('ZRANGE', used, '-inf', '(' .. text(since), 'BYSCORE')) do found[#found + 1] = name end
return found
