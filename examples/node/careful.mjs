// A client of Miragic's speed painting that takes care: of money, of time, of what servers and gateways answer, of whole
// files. It ends with 3 where no painting came of it.
// mockserver explore miragic --fails-with 3 -- node examples/node/careful.mjs
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const BASE = 'https://backend.miragic.ai/api/v1/speed-painting'
const FORM = { quality: 'sd', sequence: 'auto', fps: '30', hand_style: '1' }
const FINAL = [400, 401, 402, 403, 413, 415]
const PATIENCE = Number(process.env.PATIENCE ?? 600) * 1000
const headers = { 'X-API-Key': process.env.MIRAGIC_KEY ?? 'demo-key' }

class PaintingError extends Error {}

/** An answer did not come, or not whole, or not as it was promised; `wait` are the milliseconds the server asks for. */
class NoAnswer extends PaintingError {
  constructor (why, wait = 0, isFinal = false) {
    super(why)
    Object.assign(this, { wait, isFinal })
  }
}

function retryAfter (text) {
  if (/^\d+$/.test(text ?? '')) return Number(text) * 1000
  const until = Date.parse(text ?? '')
  return Number.isNaN(until) ? 0 : Math.max(0, until - Date.now())
}

async function whole (url, options) {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(30_000), ...options })
    if (!answer.ok) {
      await answer.body?.cancel()
      throw new NoAnswer(`${url} answered ${answer.status}`, retryAfter(answer.headers.get('retry-after')), FINAL.includes(answer.status))
    }
    return { bytes: Buffer.from(await answer.arrayBuffer()), type: answer.headers.get('content-type') ?? '' }
  } catch (error) {
    if (error instanceof PaintingError) throw error
    throw new NoAnswer(`${url}: ${error.cause?.message ?? error.message}`)
  }
}

async function asked (url, options) {
  const { bytes } = await whole(url, { headers, ...options })
  let told
  try {
    told = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new NoAnswer(`${url} did not answer in JSON`)
  }
  if (typeof told?.data !== 'object' || told.data === null) throw new NoAnswer(`${url} answered no data`)
  return told.data
}

/** What `ask` gives in the end; asked again after pauses that grow, for as long as there is patience. */
async function patiently (ask, end, pause) {
  for (; ; pause = Math.min(20_000, pause * 1.5)) {
    let wait = pause
    try {
      const found = await ask()
      if (found !== undefined) return found
    } catch (error) {
      if (!(error instanceof NoAnswer) || error.isFinal) throw error
      wait = Math.max(pause, error.wait)
    }
    if (Date.now() + wait > end) throw new PaintingError('no painting in time; gave up waiting')
    await sleep(wait)
  }
}

async function submitted () {
  const body = new FormData()
  for (const [name, value] of Object.entries(FORM)) body.append(name, value)
  body.append('image', new Blob(['picture'], { type: 'image/png' }), 'image.png')
  const { jobId } = await asked(`${BASE}/create`, { method: 'POST', body }) // once: an answer that is lost may be a job that is paid for
  if (typeof jobId !== 'string' || !jobId) throw new PaintingError('a job was created, but its id was not told')
  return jobId
}

async function finished (job) {
  const task = await asked(`${BASE}/jobs/${encodeURIComponent(job)}`)
  if (task.status === 'FAILED') throw new PaintingError(`job ${job} failed: ${task.errorMessage ?? 'no reason'}`)
  if (task.status === 'COMPLETED' && typeof task.externalVideoUrl === 'string') return task.externalVideoUrl
}

/** Whether the boxes of an MP4 file fill it exactly. */
function isWhole (film) {
  let at = 0
  while (at + 8 <= film.length) {
    const size = film.readUInt32BE(at)
    if (size < 8 || (at === 0 && film.toString('latin1', 4, 8) !== 'ftyp')) return false
    at += size
  }
  return at === film.length && at > 0
}

async function film (url) {
  if (!URL.canParse(url)) throw new PaintingError(`the film has no URL that can be read: ${url}`)
  const { bytes, type } = await whole(url)
  if (!type.startsWith('video/') || !isWhole(bytes)) throw new NoAnswer(`${url} is no whole film: ${type}, ${bytes.length} bytes`)
  return bytes
}

try {
  const end = Date.now() + PATIENCE
  const job = await submitted()
  const url = await patiently(() => finished(job), end, 1500)
  const bytes = await patiently(() => film(url), end, 2000)
  await writeFile(process.argv[2] ?? '/dev/null', bytes)
  console.log(`a film of ${bytes.length} bytes`)
} catch (error) {
  if (!(error instanceof PaintingError)) throw error
  console.error(error.message)
  process.exitCode = 3
}
