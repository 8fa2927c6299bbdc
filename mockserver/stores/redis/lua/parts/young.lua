-- Whether a request is under way that began a moment ago: its entry may be on its way. (The engine's clock may go back.)
local function is_unsettled()
  local moment = time()
  for _, each in ipairs(call('HVALS', base .. ':flight')) do
    if math.abs(moment - number(string.match(each, '\1([^\1]*)$'))) < 0.2 then return true end
  end
  return false
end
