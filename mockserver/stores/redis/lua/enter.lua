--! world noted
-- Keep an entry. Words: number (0: it gets one), weight, kind, status, what was answered, the record without its number.
local JOURNAL, ENTRIES = BOUND_JOURNAL, BOUND_JOURNAL_ENTRIES
local head = call('HMGET', base, 'rev', 'since')
if not head[1] then return 0 end
local n = tonumber(ARGV[1])
if n == 0 then n = call('HINCRBY', base, 'n', 1) elseif n <= tonumber(head[2]) then return 0 end
local entries, journal = base .. ':entries', base .. ':journal'
local place = call('HINCRBY', entries, 'next', 1) - 1
call('HSET', journal, place, n .. '\1' .. ARGV[3] .. '\1' .. ARGV[2] .. '\1' .. ARGV[6])
note('entry', n .. '\1' .. ARGV[3] .. '\1' .. ARGV[2] .. '\1' .. ARGV[6])
if ARGV[4] ~= '0' then call('HINCRBY', base .. ':seen', ARGV[5], 1) end
local bytes = call('HINCRBY', entries, 'bytes', ARGV[2])
local first = tonumber(call('HGET', entries, 'first') or '0')
while place - first + 1 > ENTRIES or (bytes > JOURNAL and place > first) do
  local oldest = call('HGET', journal, first)
  bytes = call('HINCRBY', entries, 'bytes', -tonumber(string.match(oldest, '^[^\1]*\1[^\1]*\1(%d+)')))
  call('HDEL', journal, first)
  first = call('HINCRBY', entries, 'first', 1)
end
return 1
