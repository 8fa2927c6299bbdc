--! world young
-- The entry of a number. Words: number, whether to say that there is none where others may come.
local SOME = 50
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local wanted, many = ARGV[1] .. '\1', call('LLEN', base .. ':journal')
for last = many - 1, 0, -SOME do
  local some = call('LRANGE', base .. ':journal', math.max(0, last - SOME + 1), last)
  for place = #some, 1, -1 do
    if string.sub(some[place], 1, #wanted) == wanted then return some[place] end
  end
end
if ARGV[2] == '0' and is_unsettled() then return 'SOON' end
return false
