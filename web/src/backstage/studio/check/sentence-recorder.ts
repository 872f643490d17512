/** Records a few spoken seconds for the one who spoke them. They stay in this page and go with it. */

export const SENTENCE_MS = 4000

/** Record for so long; resolves with an address to play it from, which the caller revokes. */
export async function recordSentence(stream: MediaStream, stopped: AbortSignal): Promise<string> {
  const recorder = new MediaRecorder(stream)
  const pieces: Blob[] = []
  recorder.addEventListener('dataavailable', ({ data }) => pieces.push(data))
  const ended = new Promise<void>((resolve) => recorder.addEventListener('stop', () => resolve(), { once: true }))
  recorder.start()
  const stop = () => recorder.state !== 'inactive' && recorder.stop()
  const timer = setTimeout(stop, SENTENCE_MS)
  stopped.addEventListener('abort', stop, { once: true })
  await ended
  clearTimeout(timer)
  stopped.throwIfAborted()
  return URL.createObjectURL(new Blob(pieces, { type: recorder.mimeType }))
}
