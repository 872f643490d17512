/** The minute around a report in an `<audio>` element: a stretch of the recording, or segments of what is live. */

export interface Minute {
  from_s: number
  to_s: number
  codec: string
  mp4: string | null
  folder: string | null
  first: number
  last: number
}

const SEGMENT_S = 3.84
const AGAIN_MS = 2000
/** Half a minute: so long may the last second be still to come. */
const MOST_TRIES = 20

/** Play it from its first second, and stop after its last. Rejects when nothing of it can be had. */
export async function play(audio: HTMLAudioElement, minute: Minute, signal: AbortSignal): Promise<void> {
  const stop = () => audio.currentTime >= minute.to_s && audio.pause()
  audio.addEventListener('timeupdate', stop, { signal })
  if (minute.mp4) await playFile(audio, minute.mp4, minute.from_s)
  else if (minute.folder) await playSegments(audio, minute, minute.folder, signal)
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

async function playSegments(audio: HTMLAudioElement, minute: Minute, folder: string, signal: AbortSignal): Promise<void> {
  const media = new MediaSource()
  const url = URL.createObjectURL(media)
  signal.addEventListener('abort', () => URL.revokeObjectURL(url), { once: true })
  audio.src = url
  await new Promise((resolve) => media.addEventListener('sourceopen', resolve, { once: true }))
  const buffer = media.addSourceBuffer(`audio/mp4; codecs="${minute.codec}"`)
  await append(buffer, await bytes(`${folder}init.mp4`, signal))
  await append(buffer, await bytes(`${folder}${minute.first}.m4s`, signal))
  audio.currentTime = Math.max(minute.from_s, minute.first * SEGMENT_S, buffer.buffered.start(0))
  void audio.play()
  void rest(media, buffer, minute, folder, signal)
}

/** The segments that follow, each as soon as it is there; the end where none follows. */
async function rest(media: MediaSource, buffer: SourceBuffer, minute: Minute, folder: string, signal: AbortSignal): Promise<void> {
  let tries = MOST_TRIES
  for (let number = minute.first + 1; number <= minute.last && !signal.aborted; ) {
    try {
      await append(buffer, await bytes(`${folder}${number}.m4s`, signal))
      number += 1
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS)) // still to come
      if (--tries < 0) break
    }
  }
  if (media.readyState === 'open' && !signal.aborted) media.endOfStream()
}

async function bytes(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const answer = await fetch(url, { signal, cache: 'no-store' })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  return answer.arrayBuffer()
}

function append(buffer: SourceBuffer, data: ArrayBuffer): Promise<void> {
  return new Promise((resolve, reject) => {
    buffer.addEventListener('updateend', () => resolve(), { once: true })
    buffer.addEventListener('error', () => reject(new Error('not appended')), { once: true })
    buffer.appendBuffer(data)
  })
}
