// A client of Miragic's speed painting. The base URL is a constant, as often: `mockserver exec` needs no other one.
import { setTimeout as sleep } from 'node:timers/promises'

const BASE = 'https://backend.miragic.ai/api/v1/speed-painting'
const FORM = { quality: 'hd', sequence: 'auto', fps: '30', hand_style: '1' }

export class PaintingFailed extends Error {}

async function asked (url, options) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000), ...options })
  if (!answer.ok) throw Object.assign(new Error(`${url} answered ${answer.status}`), { status: answer.status })
  return (await answer.json()).data
}

/** The URL of a film in which a hand draws the image. */
export async function paint (key, image, patience = 600) {
  const headers = { 'X-API-Key': key }
  const body = new FormData()
  for (const [name, value] of Object.entries(FORM)) body.append(name, value)
  body.append('image', new Blob([image], { type: 'image/png' }), 'image.png')
  const { jobId } = await asked(`${BASE}/create`, { method: 'POST', headers, body })
  for (let waited = 0, pause = 1; waited < patience; waited += pause, pause = Math.min(20, pause * 1.5)) {
    const job = await asked(`${BASE}/jobs/${jobId}`, { headers })
    if (job.status === 'FAILED') throw new PaintingFailed(job.errorMessage)
    if (job.status === 'COMPLETED') return job.externalVideoUrl
    await sleep(pause * 1000)
  }
  throw new Error(`no painting in ${patience} s`)
}
