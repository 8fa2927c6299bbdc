'use strict'
// Lets a program's time run faster while it waits: what it waits for by timers comes sooner, and its clocks show the
// time that went by so. While it works, time goes as ever, and while an answer is under way it stands for a moment: a
// slow machine is not to look like a slow server.
const dc = require('diagnostics_channel')
const promises = require('timers/promises')
const timers = require('timers')
const util = require('util')
const { rate, grace } = require('./way.json')

const LONGEST = 2 ** 31 - 1
const real = {
  Date, now: Date.now, hrtime: process.hrtime.bigint, setTimeout, clearTimeout, clearInterval,
  socket: require('net').Socket.prototype.setTimeout
}

// --- what time it is, in milliseconds since the program began
const begun = real.now()
const started = real.hrtime()
const underWay = new Map() // each request that waits for its answer, and when it began
let passed = 0
let seen = 0 // until when it was reckoned, in real milliseconds
let waited = 0 // how much of that the program had waited
let standing = 0 // until when time stands

const elapsed = () => Number(real.hrtime() - started) / 1e6

let isReckoning = false // Node itself asks for the time when it is asked for how long it waited

function now () {
  if (isReckoning) return passed
  isReckoning = true
  const { idle } = performance.eventLoopUtilization()
  isReckoning = false
  const at = elapsed()
  const waits = Math.min(idle - waited, at - seen)
  const stood = Math.max(0, Math.min(standing, at) - seen)
  passed += at - seen - waits + Math.max(0, waits - stood) * rate
  seen = at
  waited = idle
  return passed
}

function stand () {
  now()
  standing = Math.max(0, ...[...underWay.values()].map((at) => at + grace))
}

function began (request) {
  underWay.set(request, elapsed())
  stand()
}

function ended (request) {
  now()
  if (underWay.delete(request)) stand()
}

dc.subscribe('undici:request:create', ({ request }) => began(request))
dc.subscribe('undici:request:trailers', ({ request }) => ended(request))
dc.subscribe('undici:request:error', ({ request }) => ended(request))
dc.subscribe('http.client.request.start', ({ request }) => {
  began(request)
  request.once('close', () => ended(request))
})

// --- timers
const known = new Map() // those that were asked for their number

class Timeout {
  constructor (callback, delay, args, repeats) {
    if (typeof callback !== 'function') real.setTimeout(callback) // throws what is thrown for that
    delay = Number(delay)
    this._delay = delay >= 1 && delay <= LONGEST ? delay : 1
    Object.assign(this, { _callback: callback, _args: args, _repeats: repeats, _isRef: true, _timer: null })
    this._arm(now() + this._delay)
  }

  _arm (due) {
    real.clearTimeout(this._timer)
    const held = Math.max(0, standing - elapsed())
    this._timer = real.setTimeout(() => this._fire(due), Math.min(LONGEST, Math.ceil(held + (due - now()) / rate)))
    if (!this._isRef) this._timer.unref()
  }

  _fire (due) {
    if (now() < due) return this._arm(due)
    this._timer = null
    if (this._repeats) this._arm(now() + this._delay)
    this._callback(...this._args)
  }

  refresh () { this._arm(now() + this._delay); return this }
  ref () { this._isRef = true; this._timer?.ref(); return this }
  unref () { this._isRef = false; this._timer?.unref(); return this }
  hasRef () { return this._isRef }
  close () { this._repeats = false; real.clearTimeout(this._timer); this._timer = null; return this }
  [Symbol.dispose ?? Symbol('dispose')] () { this.close() }
  [Symbol.toPrimitive] () {
    this._number ??= known.size + 1
    known.set(this._number, this)
    return this._number
  }
}

const scaled = {
  setTimeout: (callback, delay, ...args) => new Timeout(callback, delay, args, false),
  setInterval: (callback, delay, ...args) => new Timeout(callback, delay, args, true),
  clearTimeout (timer) {
    const ours = timer instanceof Timeout ? timer : known.get(Number(timer))
    if (ours) ours.close(); else real.clearTimeout(timer)
  }
}
scaled.clearInterval = scaled.clearTimeout
Object.assign(globalThis, scaled)
Object.assign(timers, scaled)

function slept (delay, value, { signal, ref = true } = {}) {
  return new Promise((resolve, reject) => {
    const abort = () => { timer?.close(); reject(Object.assign(new Error('The operation was aborted', { cause: signal.reason }), { name: 'AbortError', code: 'ABORT_ERR' })) }
    let timer
    if (signal?.aborted) return abort()
    timer = scaled.setTimeout(() => { signal?.removeEventListener('abort', abort); resolve(value) }, delay)
    if (!ref) timer.unref()
    signal?.addEventListener('abort', abort, { once: true })
  })
}
promises.setTimeout = slept
promises.setInterval = async function * (delay, value, options) { while (true) yield await slept(delay, value, options) }
if (promises.scheduler) promises.scheduler.wait = (delay, options) => slept(delay, undefined, options)
Object.defineProperty(scaled.setTimeout, util.promisify.custom, { value: slept })

AbortSignal.timeout = function timeout (delay) {
  const controller = new AbortController()
  const why = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  scaled.setTimeout(() => controller.abort(why()), delay).unref()
  return controller.signal
}
// Of a socket the time without a byte is counted, by Node itself: it is shorter, but never so short that a slow machine
// reaches it.
require('net').Socket.prototype.setTimeout = function (delay, callback) {
  return real.socket.call(this, delay > 0 ? Math.ceil(Math.min(delay, grace + delay / rate)) : delay, callback)
}

// --- clocks
globalThis.Date = new Proxy(real.Date, {
  construct: (target, args, as) => Reflect.construct(target, args.length ? args : [Date.now()], as),
  apply: () => String(new Date()),
  get: (target, name) => name === 'now' ? scaledNow : Reflect.get(target, name)
})
const scaledNow = () => Math.floor(begun + now())
const beganPerforming = performance.now()
Object.defineProperty(performance, 'now', { value: () => beganPerforming + now(), configurable: true, writable: true })
const bigint = () => started + BigInt(Math.round(now() * 1e6))
process.hrtime = Object.assign((before = [0, 0]) => {
  const since = bigint() - (BigInt(before[0]) * 1_000_000_000n + BigInt(before[1]))
  return [Number(since / 1_000_000_000n), Number(since % 1_000_000_000n)]
}, { bigint })
require('module').syncBuiltinESMExports()
