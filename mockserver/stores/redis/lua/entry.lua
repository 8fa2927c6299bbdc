--! world young
-- The entry of a number. Words: number, whether to say that there is none where others may come.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local known = call('HMGET', base .. ':entries', 'first', 'next')
local first, wanted = tonumber(known[1] or '0'), ARGV[1] .. '\1'
for place = tonumber(known[2] or '0') - 1, first, -1 do
  local entry = call('HGET', base .. ':journal', place)
  if string.sub(entry, 1, #wanted) == wanted then return entry end
end
if ARGV[2] == '0' and is_unsettled() then return 'SOON' end
return false
