--! world jobs shelf noted
-- All effects of a request, or none; of many at once. Words, of each: API, number of the request, how many words follow,
-- and the effects, each by a letter and its words. Gives a list: why nothing is done (SWEPT: others have ended the request,
-- whose worker was silent for too long), 0 where something is not as it was expected, else 1, or
-- the time and what was dropped to make room for uploads. What is caused by none that has a number may be delivered at once:
-- nobody would find that its end was not told.
local JOBS, JOBS_COUNT, KEPT_KEYS, KEPT_KEYS_COUNT = BOUND_JOBS, BOUND_JOBS_COUNT, BOUND_KEYS, BOUND_KEYS_COUNT
local SIZES = {J = 6, O = 5, P = 3, C = 3, R = 5, U = 1, K = 3, F = 1, S = 3, W = 1, D = 1, I = 2}
local head_of = call('HMGET', base, 'rev', 'since')
if not head_of[1] then return 'GONE' end
local since = tonumber(head_of[2])
local api, n, jobs, kept, befores, dropped
local counted, listed, owners, fresh, fresh_count, are_swept, is_owed = {}, {}, {}, {}, 0, nil, false
-- Where the next job of an API stands and what all of them take, which is written at the end with what lists them.
local function counts()
  local found = counted[api]
  if not found then
    local known = call('HMGET', kept, 'place', 'bytes')
    found = {tonumber(known[1] or '0'), tonumber(known[2] or '0')}
    counted[api] = found
  end
  return found
end
local function list(name, spot, id)
  local found = listed[name] or {}
  listed[name] = found
  found[#found + 1] = spot
  found[#found + 1] = id
end
-- Jobs are written together, too, so many at once: whoever reads one before asks for what was put.
local TOGETHER = 200
local function put(name, field, word)
  local found = fresh[name]
  if not found then
    found = {}
    fresh[name] = found
  end
  found[field] = word
  fresh_count = fresh_count + 1
end
local function job_of(id)
  local found = fresh[jobs]
  return found and found[id] or call('HGET', jobs, id)
end
local function write()
  for name, each in pairs(counted) do
    call('HSET', key('kept', name), 'place', string.format('%d', each[1]), 'bytes', string.format('%d', each[2]))
  end
  for name, each in pairs(listed) do call('ZADD', name, unpack(each)) end
  for name, each in pairs(fresh) do
    local words, many = {}, 0
    for field, word in pairs(each) do
      words[many + 1], words[many + 2] = field, word
      many = many + 2
    end
    call('HSET', name, unpack(words))
  end
  counted, listed, fresh, fresh_count = {}, {}, {}, 0
end
local function expected(kind, at)
  if kind == 'J' then
    local known, rev, weight = job_of(ARGV[at]), 0, 0
    if known then rev, weight = head(known) end
    befores[at] = known and weight
    return rev == tonumber(ARGV[at + 1])
  elseif kind == 'O' then return busy_until(api, ARGV[at], tonumber(ARGV[at + 4])) <= number(ARGV[at + 2])
  elseif kind == 'C' then
    local one, other_one = call('HGET', key('credits', api), ARGV[at]) or '', ARGV[at + 1]
    if one == '' or other_one == '' then return one == other_one end
    return number(one) == number(other_one)
  elseif kind == 'D' then
    for job, rev in string.gmatch(ARGV[at], '([^\1]+)\1(%d+)\2') do
      local known = job_of(job)
      if known and head(known) ~= tonumber(rev) then return false end
    end
  elseif kind == 'U' then return call('HEXISTS', key('orders', api), ARGV[at]) == 1 end
  return true
end
local others = nil
-- What few requests do. To make a function costs as much as two words, and these are made when one is needed.
local function other(kind)
  if others then return others[kind] end
  local function drop(id)
    local job = call('HGET', jobs, id)
    local _, weight, owner, produced = head(job)
    call('HDEL', jobs, id)
    call('ZREM', key('created', api), id)
    call('ZREM', key('list', api) .. ':' .. owner, id)
    if produced ~= '' then call('HDEL', key('makers', api), produced) end
    local busy, left = busy_of(api, owner), {}
    for _, each in ipairs(busy) do if each[2] ~= id then left[#left + 1] = each end end
    if #left < #busy then put_busy(api, owner, left) end
    call('HDEL', key('refund', api), id)
    call('ZREM', key('refunds', api), id)
    call('SREM', key('refunded', api), id)
    call('HDEL', key('issued', api), id)
    return weight
  end
  local function make_room(bytes)
    write()
    local many = call('HLEN', jobs)
    while many > JOBS_COUNT or (bytes > JOBS and many > 1) do
      local oldest = call('ZRANGE', key('created', api), 0, math.floor(many / 100))
      local freed = 0
      for _, id in ipairs(oldest) do freed = freed + drop(id) end
      bytes = call('HINCRBY', kept, 'bytes', 0 - freed)
      call('HINCRBY', kept, 'dropped', #oldest)
      many = many - #oldest
    end
  end
  local function prolong(at)
    local busy, is_known = busy_of(api, ARGV[at]), false
    for _, each in ipairs(busy) do
      if each[2] == ARGV[at + 1] then each[3], is_known = ARGV[at + 2], true end
    end
    if is_known then put_busy(api, ARGV[at], busy) end
  end
  local function refund(at)
    local job = ARGV[at]
    if call('SISMEMBER', key('refunded', api), job) == 1 then return end
    call('ZREM', key('refunds', api), job)
    call('HDEL', key('refund', api), job)
    if ARGV[at + 2] ~= 'inf' then
      call('ZADD', key('refunds', api), ARGV[at + 2], job)
      call('HSET', key('refund', api), job, ARGV[at + 1] .. '\1' .. ARGV[at + 3] .. '\1' .. ARGV[at + 4])
    end
  end
  local function use(at)
    local left, used, rest = string.match(call('HGET', key('orders', api), ARGV[at]), '^([^\1]*)\1([^\1]*)\1(.*)$')
    if left == '1' then
      call('HDEL', key('orders', api), ARGV[at])
      call('ZREM', key('ordered', api), ARGV[at])
      call('HINCRBY', kept, 'ordered', -tonumber(string.match(rest, '^[^\1]*')))
    else
      call('HSET', key('orders', api), ARGV[at], (left - 1) .. '\1' .. (used + 1) .. '\1' .. rest)
    end
  end
  local function keep(at)
    local id, weight, name = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2]
    local known = call('HGET', base .. ':uploads', id)
    if not known or string.sub(known, 1, 1) == '1' then return end
    local rest = string.match(known, '^[^\1]*\1[^\1]*\1(.*)$')
    call('HSET', base .. ':uploads', id, '1\1' .. weight .. '\1' .. rest)
    call('PERSIST', base .. ':upload:' .. id)
    call('ZADD', base .. ':kept', call('HINCRBY', base .. ':shelf', 'place', 1), id)
    local bytes = call('HINCRBY', base .. ':shelf', 'bytes', weight)
    while bytes > UPLOADS and call('ZCARD', base .. ':kept') > 1 do
      local oldest = call('ZRANGE', base .. ':kept', 0, 0)[1]
      local gone = call('HGET', base .. ':uploads', oldest)
      dropped[#dropped + 1] = string.match(gone, '^[^\1]*\1[^\1]*\1(.*)$')
      forget(oldest)
      bytes = tonumber(call('HGET', base .. ':shelf', 'bytes'))
    end
  end
  local function key_parts(use_of)
    local at, number_of, answered, weight, spot, start = string.match(use_of,
      '^([^\1]*)\1([^\1]*)\1([01])\1(%d+)\1(%d+)\1([^\1]*)\1')
    return at, number_of, answered, tonumber(weight), tonumber(spot), start
  end
  local function save(at)
    local field, more, answer = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2]
    local known = call('HGET', key('keys', api), field)
    if not known then return end
    local moment, number_of, _, weight, _, start = key_parts(known)
    local spot = call('HINCRBY', kept, 'key', 1)
    call('HSET', key('keys', api), field, moment .. '\1' .. number_of .. '\0011\1' .. (weight + more) .. '\1' .. spot
      .. '\1' .. start .. '\1' .. answer)
    call('ZADD', key('claimed', api), spot, field)
    local bytes = call('HINCRBY', kept, 'keys', more)
    if call('HLEN', key('keys', api)) <= KEPT_KEYS_COUNT and bytes <= KEPT_KEYS then return end
    for _, oldest in ipairs(call('ZRANGE', key('claimed', api), 0, -1)) do
      if call('HLEN', key('keys', api)) <= KEPT_KEYS_COUNT * 0.99 and bytes <= KEPT_KEYS * 0.99 then return end
      local _, _, answered, takes = key_parts(call('HGET', key('keys', api), oldest))
      if answered == '1' and oldest ~= field then
        call('HDEL', key('keys', api), oldest)
        call('ZREM', key('claimed', api), oldest)
        bytes = call('HINCRBY', kept, 'keys', -takes)
      end
    end
  end
  local function forget_it(at) forget(ARGV[at]) end
  -- Who has the sandbox open hears of the secret before it hears of any request of a client that knows it.
  local function issue(at)
    local told = 'issued ' .. base .. ' ' .. cjson.encode({api, ARGV[at], ARGV[at + 1]})
    call('HSET', key('issued', api), ARGV[at], ARGV[at + 1])
    local listening = 'ms1:{workers}:listening'  -- those who stand still as well
    for _, worker in ipairs(call('SMEMBERS', listening)) do
      if call('PUBLISH', 'ms1:to:' .. worker, told) == 0 then call('SREM', listening, worker) end
    end
  end
  local function drop_all(at)
    write()
    for job in string.gmatch(ARGV[at], '([^\1]+)\1%d+\2') do
      if call('HEXISTS', jobs, job) == 1 then call('HINCRBY', kept, 'bytes', 0 - drop(job)) end
    end
  end
  others = {P = prolong, R = refund, U = use, K = keep, S = save, F = forget_it, D = drop_all, I = issue, room = make_room}
  return others[kind]
end
local function put_job(at)
  local id, owner, produced = ARGV[at], ARGV[at + 3], ARGV[at + 4]
  local before, found = befores[at], counts()
  local bytes = found[2] + tonumber(ARGV[at + 2]) - (before or 0)
  found[2] = bytes
  put(jobs, id, ARGV[at + 5])
  note('job', api .. '\1' .. id)
  local is_many = fresh_count >= TOGETHER
  if not before then
    local spot, known = found[1] + 1, owners[api] or {}
    found[1], owners[api] = spot, known
    local of = known[owner]
    if not of then
      of = key('list', api) .. ':' .. owner
      call('SADD', key('owners', api), owner)
      known[owner] = of
    end
    local place = string.format('%d', spot)
    list(key('created', api), place, id)
    list(of, place, id)
    if produced ~= '' then put(key('makers', api), produced, id) end
    is_many = is_many or spot % 100 == 0
  end
  if is_many then write() end
  if bytes > JOBS or (is_many and call('HLEN', jobs) > JOBS_COUNT) then other('room')(bytes) end
end
local function occupy(at)
  local owner, job, moment, left = ARGV[at], ARGV[at + 1], number(ARGV[at + 2]), {}
  for _, each in ipairs(busy_of(api, owner)) do
    if each[1] > moment and each[2] ~= job then left[#left + 1] = each end
  end
  left[#left + 1] = {0, job, ARGV[at + 3]}
  put_busy(api, owner, left)
end
local function act(kind, at)
  if kind == 'J' then put_job(at)
  elseif kind == 'O' then occupy(at)
  elseif kind == 'C' then call('HSET', key('credits', api), ARGV[at], ARGV[at + 2])
  elseif kind == 'W' and n <= 0 then
    call('RPUSH', base .. ':events', ARGV[at])
    is_owed = true
  elseif kind == 'W' then
    local known = call('HGET', base .. ':caused', n)
    call('HSET', base .. ':caused', n, (known and known .. '\1' or '') .. ARGV[at])
  else other(kind)(at) end
end
local function commit(first, last)
  if n > 0 and n <= since then return 'OVER' end
  if n > 0 then
    if are_swept == nil then are_swept = call('EXISTS', base .. ':swept') == 1 end
    if are_swept and call('SISMEMBER', base .. ':swept', n) == 1 then return 'SWEPT' end
  end
  local place = first
  while place <= last do
    if not expected(ARGV[place], place + 1) then return 0 end
    place = place + 1 + SIZES[ARGV[place]]
  end
  place = first
  while place <= last do
    act(ARGV[place], place + 1)
    place = place + 1 + SIZES[ARGV[place]]
  end
  return #dropped > 0 and {text(now()), dropped} or 1
end
local answers, following, stop = {}, 1, #ARGV
while following <= stop do
  local first = following + 3
  api, n, befores, dropped = ARGV[following], tonumber(ARGV[following + 1]), {}, {}
  jobs, kept = key('jobs', api), key('kept', api)
  following = first + tonumber(ARGV[following + 2])
  answers[#answers + 1] = commit(first, following - 1)
end
write()
if is_owed then
  local holder = call('HGET', base, 'holder')
  if holder then wake(holder) else call('SADD', OWNERLESS, base) end
end
return answers
