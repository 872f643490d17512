/** The microphone: asking for it, saying in words what is wrong, and measuring how loud it is. */

import { remembered } from '../../event/remembered?backstage'
import { say } from '../words.svelte'

/** Under this: the id of the microphone that was chosen last in this browser. */
const CHOSEN = 'rostra.microphone'

/** Why there is no microphone, and what to do about it. */
export class NoMicrophone extends Error {}

/** Whether this browser hands out microphones on this page at all: only over HTTPS, or on the machine itself. */
export function microphonesAllowed(): boolean {
  return Boolean(navigator.mediaDevices)
}

/** As a microphone hears, nothing cancelled or evened out. */
export const RAW: MediaTrackConstraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }

/**
 * Open a microphone: `device`, which is remembered, or without one what was chosen before, or where that is gone any;
 * `asked` in place of what is best for talking. Rejects with NoMicrophone, whose message says what to do.
 */
export async function openMicrophone(device: string, asked: MediaTrackConstraints = {}): Promise<MediaStream> {
  const before = device ? null : remembered(CHOSEN)
  try {
    const opened = (before && (await opening(before, asked).catch(unlessDenied))) || (await opening(device, asked))
    if (device) remembered(CHOSEN, device)
    return opened
  } catch (error) {
    throw new NoMicrophone(reason(error))
  }
}

/** Whoever has said no is not asked a second time. */
function unlessDenied(error: unknown): null {
  if (error instanceof DOMException && error.name === 'NotAllowedError') throw error
  return null
}

function opening(device: string, asked: MediaTrackConstraints): Promise<MediaStream> {
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1, ...asked }
  if (device) audio.deviceId = { exact: device }
  return navigator.mediaDevices.getUserMedia({ audio, video: false })
}

function reason(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
      return say('studio.microphone.blocked')
    case 'NotFoundError':
    case 'OverconstrainedError':
      return say('studio.microphone.missing')
    case 'NotReadableError':
      return say('studio.microphone.held')
    default:
      return say('studio.microphone.failed', { why: String(error) })
  }
}

/** The microphones, by name; names are known only once one was allowed. */
export async function microphones(): Promise<{ id: string; label: string }[]> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices
    .filter((device) => device.kind === 'audioinput' && device.deviceId !== '')
    .map((device, i) => ({ id: device.deviceId, label: device.label || say('studio.microphone.number', { number: i + 1 }) }))
}

/** Tell of the microphones, now and whenever one comes or goes, until stopped. */
export function watchMicrophones(found: (devices: { id: string; label: string }[]) => void): () => void {
  const look = () => void microphones().then(found)
  navigator.mediaDevices.addEventListener('devicechange', look)
  look()
  return () => navigator.mediaDevices.removeEventListener('devicechange', look)
}

/** Nobody is heard through it any more. */
export function closeMicrophone(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop())
}

/** The id of the microphone behind a stream. */
export function deviceOf(stream: MediaStream): string {
  return stream.getAudioTracks()[0]?.getSettings().deviceId ?? ''
}

const FLOOR_DB = 60

/** Levels in dBov (−127 … 0) as a share of a meter (0 … 1). */
export function meterShare(level_dbov: number): number {
  return Math.min(1, Math.max(0, (level_dbov + FLOOR_DB) / FLOOR_DB))
}

/** Measure a stream about 20 times a second until stopped; `heard` gets dBov of the loudest sample. */
export function measure(stream: MediaStream, heard: (level_dbov: number) => void): () => void {
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 2048 })
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    if (context.state === 'suspended') void context.resume().catch(() => {})
    analyser.getFloatTimeDomainData(samples)
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    heard(peak > 0 ? Math.max(-127, 20 * Math.log10(peak)) : -127)
  }, 50)
  return () => {
    clearInterval(timer)
    if (context.state !== 'closed') void context.close() // a page may stop what it has stopped
  }
}
