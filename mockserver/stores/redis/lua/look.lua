--! world jobs see
-- What is wanted, once more. Words: API, then what is wanted (six).
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
return {see(ARGV[1], 2, now())}
