--! world
-- What is known of an upload, how many pieces it has, and one of them. Words: id, which.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local known, pieces = call('HGET', base .. ':uploads', ARGV[1]), base .. ':upload:' .. ARGV[1]
if not known then return false end
return {string.match(known, '^[^\1]*\1[^\1]*\1(.*)$'), call('LLEN', pieces), call('LINDEX', pieces, ARGV[2]) or ''}
