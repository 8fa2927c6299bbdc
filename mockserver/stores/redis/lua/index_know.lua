--! world index
-- Let credentials lead to a sandbox. Words: name, whether instead of those that do so, then credentials.
if not is_open(ARGV[1]) then return 0 end
if ARGV[2] == '1' then
  for _, credential in ipairs(parts(call('HGET', owned, ARGV[1]))) do
    if call('HGET', names, credential) == ARGV[1] then call('HDEL', names, credential) end
  end
  call('HDEL', owned, ARGV[1])
end
lead(ARGV[1], 3)
return 1
