--! world
-- A worker holds requests until the clock is moved or a job is changed, and is to be told. Words: worker. Gives how often
-- others were told.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
call('SADD', base .. ':holding', ARGV[1])
return tonumber(call('HGET', base, 'moved') or '0')
