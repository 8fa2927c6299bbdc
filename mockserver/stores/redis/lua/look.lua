--! world jobs see
-- What is wanted, once more. Words: API, then what is wanted (six).
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
return {see(ARGV[1], ARGV[2], ARGV[3] == '1' and {ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])}, now())}
