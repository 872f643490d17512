/** What a sound check finds, and the verdicts on what was measured. Decides only; measuring is others' business. */

export interface Finding {
  microphone: 'untried' | 'heard' | 'quiet' | 'loud' | 'silent' | 'missing'
  headphones: 'untried' | 'clear' | 'echo' | 'unheard'
  way: 'untried' | 'direct' | 'relay' | 'none'
  relay: 'untried' | 'works' | 'fails' | 'absent'
  /** Of packets, the worse of both directions; null where nothing got through. */
  loss_percent: number | null
  round_trip_ms: number | null
}

/** One person's newest check, as the host sees it. */
export interface Check extends Finding {
  name: string
  role: 'host' | 'cohost' | 'speaker'
  at: string
}

export const NOTHING: Finding = { microphone: 'untried', headphones: 'untried', way: 'untried', relay: 'untried', loss_percent: null, round_trip_ms: null }

const SILENT_DBOV = -58
const QUIET_DBOV = -40
const CLIPPED_DBOV = -0.2
/** So many clipped measures are no accident. */
const CLIPPED_TIMES = 3

/** The verdict on a spoken sentence: the loudest sample of each twentieth of a second, in dBov. */
export function microphoneVerdict(peaks_dbov: readonly number[]): Finding['microphone'] {
  const loudest = Math.max(-127, ...peaks_dbov)
  if (loudest < SILENT_DBOV) return 'silent'
  if (loudest < QUIET_DBOV) return 'quiet'
  return peaks_dbov.filter((peak) => peak >= CLIPPED_DBOV).length >= CLIPPED_TIMES ? 'loud' : 'heard'
}

const AUDIBLE_DB = -75
const RISE_DB = 15

/** Whether a microphone heard the chime: its tone's level before and while it sounded, in dBFS. */
export function isEcho(before_db: number, during_db: number): boolean {
  return during_db > AUDIBLE_DB && during_db - before_db > RISE_DB
}

/** What of a check may be told to the host: something was tried. */
export function isAnything(finding: Finding): boolean {
  return finding.microphone !== 'untried' || finding.headphones !== 'untried' || finding.way !== 'untried'
}
