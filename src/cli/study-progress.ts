/** What stderr shows while a study runs. */
import type { StudyProgress } from '../study/run-study.ts'
import type { Study } from '../study/study.ts'
import type { Invocation } from './command.ts'
import { percent, percentRange } from './study-text.ts'
import { metricText, metricTitle } from './style.ts'

/** Milliseconds between two JSON lines. */
const EVERY_MS = 500

/**
 * One line that is rewritten, or with `--progress json` JSON lines: `{"progress": {chips, of, round, perSecond,
 * secondsLeft, damaged, live}}`, the last one when the chips are done.
 *
 * @param most  chips that the study may come to
 */
export function studyProgress(
  { options, progress }: Invocation,
  study: Study,
  most: number,
): (at: StudyProgress) => void {
  const json = options['progress'] === 'json'
  let since: { now: number; chips: number } | null = null
  let printed = Number.NEGATIVE_INFINITY
  return (at) => {
    const now = performance.now()
    since ??= { now, chips: at.chips }
    const perSecond = now > since.now ? ((at.chips - since.chips) / (now - since.now)) * 1000 : 0
    const left = (study.until === null ? at.of : Math.max(at.of, 0)) - at.chips
    const secondsLeft = perSecond > 0 ? left / perSecond : null
    if (!json) return progress(lineOf(study, at, perSecond, secondsLeft, most))
    if (now - printed < EVERY_MS && at.chips < at.of) return
    printed = now
    const { chips, before, of, round, damaged, live } = at
    const body = {
      chips,
      before,
      of,
      round,
      perSecond: rounded(perSecond),
      secondsLeft: rounded(secondsLeft),
      damaged,
      live,
    }
    process.stderr.write(`${JSON.stringify({ progress: body })}\n`)
  }
}

const rounded = (x: number | null) => (x === null ? null : Number(x.toPrecision(4)))

function lineOf(
  study: Study,
  { chips, of, damaged, live }: StudyProgress,
  perSecond: number,
  secondsLeft: number | null,
  most: number,
): string {
  const name = study.metric
  const parts = [`${chips}/${of}${most > of ? ` (at most ${most})` : ''} chips`]
  if (perSecond > 0) parts.push(`${perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toPrecision(2)} a second`)
  if (secondsLeft !== null) parts.push(`${durationText(secondsLeft)} left`)
  if (live !== null) {
    const half = Number.isNaN(live.half) ? '' : ` +- ${metricText(name, live.half).replace(' dB', '')}`
    const point = study.points.length > 1 ? `point ${live.point}: ` : ''
    const met = live.yield
    parts.push(
      `${point}mean ${metricTitle(name)} ${metricText(name, live.mean)}${half}${met === null ? '' : `, yield ${percent(met.fraction)} (${percentRange([met.low, met.high])})`}`,
    )
  }
  if (damaged > 0) parts.push(`${damaged} damaged shards run again`)
  return parts.join(', ')
}

export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`
  if (seconds < 100) return `${Math.ceil(seconds)} s`
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
