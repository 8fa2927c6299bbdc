--! world jobs see
-- Requests begin, many at once. Words: worker, number (0: each gets one), and of each: what all alike begin with (see
-- `spec_of`; nothing: as the one before), the job it names. Gives a list, four of each: its number, or why it does not
-- begin; the time, and behind it, where the request was counted or wants more, who is busy, credits, what is left in its
-- windows and for how long, and its numbers; its job; the first order that fits.
local WINDOWS = BOUND_WINDOWS
local head_of = call('HMGET', base, 'rev', 'since', 'mode', 'rate', 'step', 'at', 'anchor', 'holder', 'due', 'n',
  'seen')
if not head_of[1] then return 'GONE' end
local rev, since, mode, at, newest = head_of[1], tonumber(head_of[2]), head_of[3], head_of[6], tonumber(head_of[10])
local moment = now_of(mode, head_of[4], at, head_of[7], head_of[11])
local worker, told, began, drawn, flying, under_way = ARGV[1], text(moment), nil, {}, {}, 0
local specs = {}
-- A list: API, revision, until when its credentials are good, what is wanted (owner, account, resource, most; or false),
-- purposes, and windows by address and by account, each as field, limit and seconds.
local function spec_of(word)
  local made = specs[word]
  if made then return made end
  local api, of, valid_until, wanted, purposes, by_address, by_account = unpack(cjson.decode(word))
  made = {api = api, rev = of, valid_until = number(valid_until), wanted = wanted, purposes = purposes,
    by_address = by_address, by_account = by_account, windows = key('windows', api), jobs = key('jobs', api),
    is_plain = not wanted and #purposes + #by_address + #by_account == 0}
  specs[word] = made
  return made
end
local windows_of = nil
-- To make a function costs as much as two words: these are made when something is counted.
local function counting()
  if windows_of then return windows_of end
  local open_windows = {}
  local function write_windows()
    for windows, fields in pairs(open_windows) do
      local words = {}
      for field, each in pairs(fields) do
        words[#words + 1] = field
        words[#words + 1] = (each[6] or text(each[1])) .. string.format(' %d %s', each[2], each[3])
      end
      call('HSET', windows, unpack(words))
    end
    open_windows = {}
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
    local is_refused, told_of, open = false, '', open_windows[windows]
    for _, each in ipairs(limits) do
      local field, limit = each[1], each[2]
      local found = open and open[field]
      if not found or moment >= found[1] then
        found = window(windows, field, each[3], n)
        open = open_windows[windows] or {}
        open_windows[windows], open[field] = open, found
      end
      local hits = found[2] + 1
      found[2] = hits
      is_refused = is_refused or hits > limit
      if found[4] ~= moment then found[4], found[5] = moment, text(found[1] - moment) end
      told_of = string.format('%s%d %s ', told_of, limit - hits, found[5])
    end
    return is_refused, told_of
  end
  windows_of = {count = count, write = write_windows}
  return windows_of
end
local number_of
local function number_it()
  if mode == 'step' then
    moment = exact(moment + number(head_of[5]))
    told = text(moment)
  end
  newest = newest + 1
  number_of = string.format('%d', newest)
  began = began or (worker .. '\1' .. text(time()))
  under_way = under_way + 2
  flying[under_way - 1], flying[under_way] = number_of, began
end
local function draw(purpose)
  local known = drawn[purpose] or tonumber(call('HGET', base .. ':draws', purpose) or '0')
  drawn[purpose] = known + 1
  return known
end
local answers, told_to, looked_for = {}, 0, {}
local function answer(n, what, order)
  answers[told_to + 1], answers[told_to + 2], answers[told_to + 3], answers[told_to + 4] = n, what, false, order
  told_to = told_to + 4
end
-- All jobs that are named are looked for at once.
local function look_for(jobs, id)
  local found = looked_for[jobs]
  if not found then
    found = {{}, {}}
    looked_for[jobs] = found
  end
  local ids, spots = found[1], found[2]
  local many = #ids + 1
  ids[many], spots[many] = id, told_to + 3
end
local given = ARGV[2]
local function begin(spec, named)
  local n
  if given == '0' then
    if rev ~= spec.rev then return answer('STALE', false, false) end
    number_it()
    n = newest
  else
    n, number_of = tonumber(given), given
    if n <= since then return answer('OVER', false, false) end
  end
  if named ~= '' then look_for(spec.jobs, named) end
  if spec.is_plain then return answer(n, told, false) end
  local is_refused, counts, of_account, numbers = false, '', '', ''
  if spec.by_address[1] then is_refused, counts = counting().count(spec.windows, spec.by_address, number_of) end
  if spec.by_account[1] and not is_refused and moment < spec.valid_until then
    is_refused, of_account = counting().count(spec.windows, spec.by_account, number_of)
  end
  for _, purpose in ipairs(spec.purposes) do numbers = string.format('%s%d ', numbers, draw(purpose)) end
  local busy, credits, order = '-inf', false, false
  if spec.wanted then busy, credits, order = wanted_by(spec.api, spec.wanted, moment) end
  answer(n, told .. '\1' .. busy .. '\1' .. (credits or '') .. '\1' .. counts .. of_account .. '\1' .. numbers, order)
end
local spec
for place = 3, #ARGV, 2 do
  local word = ARGV[place]
  if word ~= '' then spec = spec_of(word) end
  begin(spec, ARGV[place + 1])
end
for jobs, found in pairs(looked_for) do
  for place, job in ipairs(call('HMGET', jobs, unpack(found[1]))) do answers[found[2][place]] = job end
end
if windows_of then windows_of.write() end
if under_way > 0 then
  call('HSET', base .. ':flight', unpack(flying))
  if mode == 'step' then
    call('HSET', base, 'n', number_of, 'at', told)
    if head_of[8] and head_of[9] and moment >= number(head_of[9]) then wake(head_of[8]) end
    call('HINCRBY', base, 'moved', 1)  -- see `tell_holders`; to share a function would cost each request
    for _, worker in ipairs(call('SMEMBERS', base .. ':holding')) do
      if worker ~= ARGV[1] then
        call('SREM', base .. ':holding', worker)
        call('PUBLISH', 'ms1:to:' .. worker, 'moved ' .. base)
      end
    end
  elseif mode == 'real' then call('HSET', base, 'n', number_of, 'seen', told)
  else call('HSET', base, 'n', number_of) end
end
local fields = {}
for purpose, many in pairs(drawn) do
  fields[#fields + 1] = purpose
  fields[#fields + 1] = many
end
if #fields > 0 then call('HSET', base .. ':draws', unpack(fields)) end
return answers
