// How jobs stand at a time, and what happens next. Everything follows from a job's timeline and the clock.

/** State and progress of a job at a time, from what is known of its course. */
export function standing(job, now) {
  const course = job.timeline;
  if (!course || course.states.length === 0) return { state: job.state, progress: job.progress, next: null };
  const at = lastAt(course.states, now, (each) => each.at);
  const state = course.states[Math.max(0, at)];
  return { state: state.state, progress: progressAt(course.progress, now, job), next: course.states[at + 1] ?? null };
}

function lastAt(items, now, timeOf) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(items[middle]) <= now + 1e-6) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// As answers show it, at most 99 before the end.
function progressAt(points, now, job) {
  if (!points || points.length === 0) return job.progress;
  const at = lastAt(points, now, (each) => each[0]);
  if (at < 0) return points[0][1];
  if (at === points.length - 1) return points[at][1];
  const [[start, low], [end, high]] = [points[at], points[at + 1]];
  return end > start ? Math.min(99, low + ((high - low) * (now - start)) / (end - start)) : low;
}

/** Whether a job has come to its end; one that is stuck does not. */
export function isOver(job, now) {
  const states = job.timeline?.states ?? [];
  return job.ended !== null || states.some((each) => each.state === job.outcome && each.at <= now + 1e-6);
}

/** What will happen next in a sandbox: `{at, what, job}`; null when nothing is known to happen. */
export function nextEvent(jobs, webhooks, held, now) {
  let found = null;
  const offer = (at, what, job) => {
    if (Number.isFinite(at) && at > now + 1e-6 && (found === null || at < found.at)) found = { at, what, job };
  };
  for (const job of jobs) {
    const { next } = standing(job, now);
    if (next) offer(next.at, next.state, job.id);
  }
  for (const webhook of webhooks) {
    if (webhook.due !== null && webhook.due !== undefined) offer(webhook.due, `webhook ${webhook.webhook}`, webhook.job);
  }
  if (held?.due !== null && held?.due !== undefined) offer(held.due, "a held request is answered", "");
  return found;
}

const BAD = /fail|error|cancel|expire|reject|abort|denied|invalid|timeout|lost/i;
const GOOD = /complete|success|succeed|done|ready|finish|paid|ended|stored/i;
const WAITING = /pend|queue|wait|creat|new|submitted|accept|starting|schedul|not_start|throttl/i;

/** What kind of state it is, by its name and the job's end: for colours only, the name is always shown. */
export function tone(state, isLast) {
  if (BAD.test(state)) return "bad";
  if (GOOD.test(state) || isLast) return "good";
  return WAITING.test(state) ? "waiting" : "running";
}
