--! world
-- Whole requests behind a number. Words: number, so many bytes, API (or nothing).
if not call('HGET', base, 'rev') then return 'GONE' end
local kept, requests = call('HMGET', base .. ':requested', 'first', 'newest', 'dropped'), base .. ':requests'
local first, newest, left, found = tonumber(kept[1] or '1'), tonumber(kept[2] or '0'), tonumber(ARGV[2]), {}
for n = math.max(first, tonumber(ARGV[1]) + 1), newest do
  local request = call('HGET', requests, n)
  local weight, api = string.match(request, '^(%d+)\1[^\1]*\1([^\1]*)\1')
  if ARGV[3] == '' or ARGV[3] == api then
    left = left - tonumber(weight)
    if #found > 0 and left < 0 then break end
    found[#found + 1] = {n, request}
  end
end
return {found, first, newest, tonumber(kept[3] or '0')}
