--! world holders
-- A job was changed: those who hold requests look again. Words: worker, which knows.
if call('HEXISTS', base, 'rev') == 0 then return 0 end
tell_holders(ARGV[1])
return 1
