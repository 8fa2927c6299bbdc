--! world index
-- Credentials lead to a sandbox. Words: name, whether in the place of those that did, credentials.
local name = ARGV[1]
if not is_open(name) then return 0 end
if ARGV[2] == '1' then
  unlead(name, call('HGET', base .. ':credentials', name))
  call('HDEL', base .. ':credentials', name)
end
lead(name, 3)
return 1
