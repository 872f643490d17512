/** The minute around a report in an `<audio>` element: a stretch of the recording, or segments of what is live. */

import { MediaSourceClass } from '../../player/media-source?backstage'

/** Whom to ask for the audio, and which seconds of it. */
export interface Minute {
  status: string
  join: string
  run: string
  from_s: number
  to_s: number
}

interface Live {
  renditions: { name: string; codec: string }[]
}

/** What of a live programme is to be fetched. */
interface Stretch {
  folder: string
  codec: string
  first: number
  last: number
}

const SEGMENT_S = 3.84
const AGAIN_MS = 2000
/** So long may the last second be still to come. */
const MOST_TRIES = 20

/** Play it from its first second, and stop after its last. Rejects when nothing of it can be had. */
export async function play(audio: HTMLAudioElement, minute: Minute, signal: AbortSignal): Promise<void> {
  audio.addEventListener('timeupdate', () => audio.currentTime >= minute.to_s && audio.pause(), { signal })
  const { replay } = await json<{ replay: { mp4: string } | null }>(minute.status, { signal })
  if (replay) await playFile(audio, replay.mp4, minute.from_s)
  else await playSegments(audio, await live(minute, signal), minute.from_s, signal)
}

async function live(minute: Minute, signal: AbortSignal): Promise<Stretch> {
  const { base } = await json<{ base?: string }>(minute.join, { method: 'POST', signal })
  if (!base) throw new Error('no ticket') // the pass is over: whoever brings none stands in line
  const { renditions } = await json<Live>(`${base}live.json`, { signal })
  const rendition = renditions.find(({ codec }) => MediaSourceClass?.isTypeSupported(`audio/mp4; codecs="${codec}"`))
  if (!rendition) throw new Error('no rendition plays here')
  const [first, last] = [minute.from_s, minute.to_s].map((second) => Math.floor(second / SEGMENT_S)) as [number, number]
  return { folder: `${base}${minute.run}/${rendition.name}/`, codec: rendition.codec, first, last }
}

async function playFile(audio: HTMLAudioElement, mp4: string, from_s: number): Promise<void> {
  audio.src = mp4
  await new Promise((resolve, reject) => {
    audio.addEventListener('loadedmetadata', resolve, { once: true })
    audio.addEventListener('error', () => reject(audio.error ?? new Error('no audio')), { once: true })
  })
  audio.currentTime = Math.min(from_s, Math.max(0, audio.duration - 1))
  await audio.play()
}

async function playSegments(audio: HTMLAudioElement, stretch: Stretch, from_s: number, signal: AbortSignal): Promise<void> {
  if (!MediaSourceClass) throw new Error('no MediaSource')
  const media = new MediaSourceClass()
  const url = URL.createObjectURL(media)
  signal.addEventListener('abort', () => URL.revokeObjectURL(url), { once: true })
  audio.disableRemotePlayback = true // or Safari opens no managed source
  audio.src = url
  await new Promise((resolve) => media.addEventListener('sourceopen', resolve, { once: true }))
  const buffer = media.addSourceBuffer(`audio/mp4; codecs="${stretch.codec}"`)
  await append(buffer, await bytes(`${stretch.folder}init.mp4`, signal))
  await append(buffer, await bytes(`${stretch.folder}${stretch.first}.m4s`, signal))
  audio.currentTime = Math.max(from_s, buffer.buffered.start(0))
  void audio.play()
  void rest(media, buffer, stretch, signal)
}

/** The segments that follow, each as soon as it is there; the end where none follows. */
async function rest(media: MediaSource, buffer: SourceBuffer, { folder, first, last }: Stretch, signal: AbortSignal): Promise<void> {
  let tries = MOST_TRIES
  for (let number = first + 1; number <= last && !signal.aborted && tries > 0; ) {
    try {
      await append(buffer, await bytes(`${folder}${number}.m4s`, signal))
      number += 1
    } catch {
      tries -= 1
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS)) // still to come
    }
  }
  if (media.readyState === 'open' && !signal.aborted) media.endOfStream()
}

async function json<T>(url: string, init: RequestInit): Promise<T> {
  return (await (await answer(url, init)).json()) as T
}

async function bytes(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await answer(url, { signal })).arrayBuffer()
}

async function answer(url: string, init: RequestInit): Promise<Response> {
  const found = await fetch(url, { cache: 'no-store', credentials: 'omit', ...init })
  if (!found.ok) throw new Error(`HTTP ${found.status}`)
  return found
}

function append(buffer: SourceBuffer, data: ArrayBuffer): Promise<void> {
  return new Promise((resolve, reject) => {
    buffer.addEventListener('updateend', () => resolve(), { once: true })
    buffer.addEventListener('error', () => reject(new Error('not appended')), { once: true })
    buffer.appendBuffer(data)
  })
}
