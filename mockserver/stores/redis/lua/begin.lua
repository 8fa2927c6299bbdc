--! world jobs see
-- Requests begin, many at once. Words: worker, and of each: API, number (0: it gets one), revision, until when its
-- credentials are good, what it wants to see (six), how many purposes and windows by address and by account there are,
-- and these. Gives a list of what each is given.
local WINDOWS = BOUND_WINDOWS
local head_of = call('HMGET', base, 'rev', 'since', 'mode', 'rate', 'step', 'at', 'anchor', 'holder', 'due', 'n')
if not head_of[1] then return 'GONE' end
local rev, since, mode, at, newest = head_of[1], tonumber(head_of[2]), head_of[3], head_of[6], tonumber(head_of[10])
local moment = now_of(mode, head_of[4], at, head_of[7])
local told, began, drawn, flying = text(moment), nil, {}, {}
local api, n, counts, place
local open_windows, counted = {}, {}
local function write_windows()
  for windows, fields in pairs(counted) do
    local words = {}
    for field in pairs(fields) do
      local each = open_windows[windows][field]
      words[#words + 1] = field
      words[#words + 1] = text(each[1]) .. ' ' .. each[2] .. ' ' .. each[3]
    end
    call('HSET', windows, unpack(words))
  end
  open_windows, counted = {}, {}
end
local function make_room(windows)
  write_windows()
  local all, open = call('HGETALL', windows), {}
  for spot = 1, #all, 2 do
    local till, _, begun = string.match(all[spot + 1], '^([^ ]+) (%d+) (%d+)$')
    if moment >= number(till) then call('HDEL', windows, all[spot])
    else open[#open + 1] = {tonumber(begun), all[spot]} end
  end
  table.sort(open, function(one, other) return one[1] < other[1] end)
  for spot = 1, #open - math.floor(WINDOWS * 9 / 10) do call('HDEL', windows, open[spot][2]) end
end
local function window(windows, field, seconds)
  local known = call('HGET', windows, field)
  if known then
    local till, hits, first = string.match(known, '^([^ ]+) (%d+) (%d+)$')
    if moment < number(till) then return {number(till), tonumber(hits), first} end
  elseif call('HLEN', windows) >= WINDOWS then make_room(windows) end
  local made = {moment + number(seconds), 0, n}
  if not known then call('HSET', windows, field, text(made[1]) .. ' 0 ' .. n) end
  return made
end
local function count(many)
  local is_refused, windows = false, key('windows', api)
  for _ = 1, many do
    local field, left = ARGV[place] .. '\1' .. ARGV[place + 1], tonumber(ARGV[place + 2])
    local found = open_windows[windows] and open_windows[windows][field]
    if not found or moment >= found[1] then found = window(windows, field, ARGV[place + 3]) end
    open_windows[windows], counted[windows] = open_windows[windows] or {}, counted[windows] or {}
    open_windows[windows][field], counted[windows][field] = found, true
    found[2] = found[2] + 1
    left, place = left - found[2], place + 4
    is_refused = is_refused or left < 0
    counts[#counts + 1] = math.max(left, 0)
    if found[4] ~= moment then found[4], found[5] = moment, text(found[1] - moment) end
    counts[#counts + 1] = found[5]
    counts[#counts + 1] = left < 0 and 1 or 0
  end
  return is_refused
end
local function number_it()
  if mode == 'step' then
    moment = exact(moment + number(head_of[5]))
    told = text(moment)
  end
  newest = newest + 1
  began = began or (ARGV[1] .. '\1' .. text(time()))
  flying[#flying + 1] = newest
  flying[#flying + 1] = began
  return newest
end
local function draw(purpose)
  local known = drawn[purpose] or tonumber(call('HGET', base .. ':draws', purpose) or '0')
  drawn[purpose] = known + 1
  return known
end
local function begin(first)
  local numbers, purposes = {}, tonumber(ARGV[first + 10])
  local by_address, by_account = tonumber(ARGV[first + 11]), tonumber(ARGV[first + 12])
  local following = first + 13 + purposes
  api, n, counts, place = ARGV[first], tonumber(ARGV[first + 1]), {}, following
  following = following + 4 * (by_address + by_account)
  if n == 0 then
    if rev ~= ARGV[first + 2] then return 'STALE', following end
    n = number_it()
  elseif n <= since then
    return 'OVER', following
  end
  local is_refused = by_address > 0 and count(by_address)
  if by_account > 0 and not is_refused and moment < number(ARGV[first + 3]) then count(by_account) end
  for spot = first + 13, first + 12 + purposes do numbers[#numbers + 1] = draw(ARGV[spot]) end
  local job, busy, credits, order = see(api, first + 4, moment)
  return {n, told, counts, numbers, job, busy, credits, order}, following
end
local answers, following, last = {}, 2, #ARGV
while following <= last do answers[#answers + 1], following = begin(following) end
write_windows()
if #flying > 0 then
  call('HSET', base .. ':flight', unpack(flying))
  if mode == 'step' then
    call('HSET', base, 'n', newest, 'at', told)
    if head_of[8] and head_of[9] and moment >= number(head_of[9]) then wake(head_of[8]) end
  else
    call('HSET', base, 'n', newest)
  end
end
local fields = {}
for purpose, many in pairs(drawn) do
  fields[#fields + 1] = purpose
  fields[#fields + 1] = many
end
if #fields > 0 then call('HSET', base .. ':draws', unpack(fields)) end
return answers
