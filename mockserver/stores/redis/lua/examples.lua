--! world young
-- How often each example was answered. Words: whether to say so where others may come.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
if ARGV[1] == '0' and is_unsettled() then return 'SOON' end
return {call('HGETALL', base .. ':seen'), call('HGETALL', base .. ':earlier')}
