--! world jobs see
-- Requests begin, many at once. Words: worker, and of each: what all alike begin with (see `spec_of`), number (0: it gets
-- one), until when its credentials are good, the job it names. Gives a list, four of each: its number, or why it does not
-- begin; the time, and behind it, where the request was counted or wants more, who is busy, credits, what is left in its
-- windows and for how long, and its numbers; its job; the first order that fits.
local WINDOWS = BOUND_WINDOWS
local head_of = call('HMGET', base, 'rev', 'since', 'mode', 'rate', 'step', 'at', 'anchor', 'holder', 'due', 'n',
  'seen')
if not head_of[1] then return 'GONE' end
local rev, since, mode, at, newest = head_of[1], tonumber(head_of[2]), head_of[3], head_of[6], tonumber(head_of[10])
local moment = now_of(mode, head_of[4], at, head_of[7], head_of[11])
local told, began, drawn, flying = text(moment), nil, {}, {}
local specs = {}
-- A list: API, revision, what is wanted (owner, account, resource, most; or false), purposes, and windows by address and by
-- account, each as field, limit and seconds.
local function spec_of(word)
  local made = specs[word]
  if made then return made end
  local api, of, wanted, purposes, by_address, by_account = unpack(cjson.decode(word))
  made = {api = api, rev = of, wanted = wanted, purposes = purposes, by_address = by_address, by_account = by_account,
    windows = key('windows', api), jobs = key('jobs', api),
    is_plain = not wanted and #purposes + #by_address + #by_account == 0}
  specs[word] = made
  return made
end
local windows_of = nil
-- To make a function costs as much as two words: these are made when something is counted.
local function counting()
  if windows_of then return windows_of end
  local open_windows, counted = {}, {}
  local function write_windows()
    for windows, fields in pairs(counted) do
      local words = {}
      for field in pairs(fields) do
        local each = open_windows[windows][field]
        words[#words + 1] = field
        words[#words + 1] = (each[6] or text(each[1])) .. ' ' .. each[2] .. ' ' .. each[3]
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
  local function window(windows, field, seconds, n)
    local known = call('HGET', windows, field)
    if known then
      local till, hits, first = string.match(known, '^([^ ]+) (%d+) (%d+)$')
      if moment < number(till) then return {number(till), tonumber(hits), first, nil, nil, till} end
    elseif call('HLEN', windows) >= WINDOWS then make_room(windows) end
    local made = {moment + seconds, 0, n}
    if not known then call('HSET', windows, field, text(made[1]) .. ' 0 ' .. n) end
    return made
  end
  local function count(windows, limits, n)
    local is_refused, told_of = false, ''
    for _, each in ipairs(limits) do
      local field = each[1]
      local found = open_windows[windows] and open_windows[windows][field]
      if not found or moment >= found[1] then found = window(windows, field, each[3], n) end
      open_windows[windows], counted[windows] = open_windows[windows] or {}, counted[windows] or {}
      open_windows[windows][field], counted[windows][field] = found, true
      found[2] = found[2] + 1
      is_refused = is_refused or found[2] > each[2]
      if found[4] ~= moment then found[4], found[5] = moment, text(found[1] - moment) end
      told_of = told_of .. (each[2] - found[2]) .. ' ' .. found[5] .. ' '
    end
    return is_refused, told_of
  end
  windows_of = {count = count, write = write_windows}
  return windows_of
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
local answers, place, last = {}, 2, #ARGV
local function answer(one, two, three, four)
  local many = #answers
  answers[many + 1], answers[many + 2], answers[many + 3], answers[many + 4] = one, two, three, four
end
local function begin(spec, n, valid_until, wanted)
  if n == 0 then
    if rev ~= spec.rev then return answer('STALE', false, false, false) end
    n = number_it()
  elseif n <= since then
    return answer('OVER', false, false, false)
  end
  if spec.is_plain then return answer(n, told, wanted ~= '' and call('HGET', spec.jobs, wanted), false) end
  local is_refused, counts, of_account, numbers = false, '', '', ''
  if spec.by_address[1] then is_refused, counts = counting().count(spec.windows, spec.by_address, n) end
  if spec.by_account[1] and not is_refused and moment < number(valid_until) then
    is_refused, of_account = counting().count(spec.windows, spec.by_account, n)
  end
  for _, purpose in ipairs(spec.purposes) do numbers = numbers .. draw(purpose) .. ' ' end
  local job, busy, credits, order = see(spec.api, wanted, spec.wanted, moment)
  answer(n, told .. '\1' .. busy .. '\1' .. (credits or '') .. '\1' .. counts .. of_account .. '\1' .. numbers, job, order)
end
while place <= last do
  begin(spec_of(ARGV[place]), tonumber(ARGV[place + 1]), ARGV[place + 2], ARGV[place + 3])
  place = place + 4
end
if windows_of then windows_of.write() end
if #flying > 0 then
  call('HSET', base .. ':flight', unpack(flying))
  if mode == 'step' then
    call('HSET', base, 'n', newest, 'at', told)
    if head_of[8] and head_of[9] and moment >= number(head_of[9]) then wake(head_of[8]) end
    call('HINCRBY', base, 'moved', 1)  -- see `moved`; to share a function would cost each request
    for _, worker in ipairs(call('SMEMBERS', base .. ':holding')) do
      if worker ~= ARGV[1] then
        call('SREM', base .. ':holding', worker)
        call('PUBLISH', 'ms1:to:' .. worker, 'moved ' .. base)
      end
    end
  elseif mode == 'real' then call('HSET', base, 'n', newest, 'seen', told)
  else call('HSET', base, 'n', newest) end
end
local fields = {}
for purpose, many in pairs(drawn) do
  fields[#fields + 1] = purpose
  fields[#fields + 1] = many
end
if #fields > 0 then call('HSET', base .. ':draws', unpack(fields)) end
return answers
