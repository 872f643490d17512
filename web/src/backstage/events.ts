/** Server-sent events through fetch, because EventSource cannot send an Authorization header. */

import { address, headers, refusal } from './api'

/** `data:` of each event as it comes; ends with the response. Rejects with ApiError or the network's error. */
export async function* readEvents(path: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await fetch(address(path), { headers: { ...headers(), Accept: 'text/event-stream' }, cache: 'no-store', signal })
  if (!response.ok) throw await refusal(response)
  if (!response.body) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    held += value.replaceAll('\r', '')
    const blocks = held.split('\n\n')
    held = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = dataOf(block)
      if (data) yield data
    }
  }
}

function dataOf(block: string): string {
  return block
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
    .join('\n')
}
