--! world shelf
-- Bytes that may be kept: what is known of them, or one piece more. Words: id, what is known (or nothing), a piece.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
if ARGV[2] ~= '' then
  if call('HEXISTS', base .. ':uploads', ARGV[1]) == 1 then return 0 end
  call('HSET', base .. ':uploads', ARGV[1], '0\0010\1' .. ARGV[2])
elseif call('HEXISTS', base .. ':uploads', ARGV[1]) == 0 then
  return 0
end
if ARGV[3] ~= '' then
  call('RPUSH', base .. ':upload:' .. ARGV[1], ARGV[3])
  call('EXPIRE', base .. ':upload:' .. ARGV[1], 3600)
end
return 1
