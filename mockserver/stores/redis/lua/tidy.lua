--! world shelf
-- Those that were offered and that nobody keeps go. Words: ids.
for _, id in ipairs(ARGV) do
  local known = call('HGET', base .. ':uploads', id)
  if known and string.sub(known, 1, 1) == '0' then forget(id) end
end
return 1
