/** A chime in the left ear, then in the right one, and whether a microphone hears it from the loudspeakers. */

import { isEcho } from './finding'

const CHIME_HZ = 1760
const SIDE_S = 0.9
const BEFORE_MS = 400
const LOOK_MS = 40

export type Side = 'left' | 'right'

/**
 * Play it; `sounding` is told which side. Resolves with whether the microphone, if one opens, heard it. Its own echo
 * canceller must be off, or it would hide what the check is after. To be called within a press, which lets it sound.
 */
export async function chime(open: () => Promise<MediaStream | null>, sounding: (side: Side | null) => void): Promise<boolean> {
  const context = new AudioContext()
  const resumed = context.resume()
  const microphone = await open()
  try {
    await resumed
    const ear = microphone && listen(context, microphone)
    await pause(BEFORE_MS)
    const before_db = ear?.loudest() ?? 0
    for (const side of ['left', 'right'] as const) {
      sounding(side)
      strike(context, side)
      await pause(SIDE_S * 1000)
    }
    sounding(null)
    const during_db = ear?.loudest() ?? 0
    ear?.stop()
    return ear !== null && isEcho(before_db, during_db)
  } finally {
    microphone?.getTracks().forEach((track) => track.stop())
    await context.close()
  }
}

/** A bell: one tone that fades. */
function strike(context: AudioContext, side: Side): void {
  const now = context.currentTime
  const tone = new OscillatorNode(context, { frequency: CHIME_HZ })
  const loudness = new GainNode(context, { gain: 0 })
  loudness.gain.setValueAtTime(0, now)
  loudness.gain.linearRampToValueAtTime(0.25, now + 0.02)
  loudness.gain.setTargetAtTime(0, now + 0.25, 0.15)
  tone.connect(loudness).connect(new StereoPannerNode(context, { pan: side === 'left' ? -1 : 1 })).connect(context.destination)
  tone.start(now)
  tone.stop(now + SIDE_S)
}

/** The loudest that the chime's own frequency was since it was last asked, in dBFS. */
function listen(context: AudioContext, microphone: MediaStream): { loudest(): number; stop(): void } {
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
  context.createMediaStreamSource(microphone).connect(analyser)
  const spectrum = new Float32Array(analyser.frequencyBinCount)
  const bin = Math.round((CHIME_HZ * analyser.fftSize) / context.sampleRate)
  let loudest = -127
  const timer = setInterval(() => {
    analyser.getFloatFrequencyData(spectrum)
    loudest = Math.max(loudest, ...spectrum.subarray(bin - 2, bin + 3))
  }, LOOK_MS)
  return {
    loudest: () => {
      const found = loudest
      loudest = -127
      return found
    },
    stop: () => clearInterval(timer),
  }
}

function pause(wait_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, wait_ms))
}
