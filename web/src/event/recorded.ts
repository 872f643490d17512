/** The captions of a recording: fetched with it, read by the browser as WebVTT, shown as its audio gets to them. */

import { get, getJson } from '../player/http'
import type { CaptionBox } from './captions'

interface Listed {
  captions: { language: string; vtt: string }[]
}

/**
 * Show a recording's captions in the box that is opened for them, in the language that is chosen there. None: nothing happens.
 * `hls` tells where its playlist is now. Rejects like `get`.
 */
export async function recordedCaptions(hls: () => string, audio: HTMLAudioElement, open: () => Promise<CaptionBox>): Promise<void> {
  const beside = (name: string) => hls().replace('index.m3u8', name)
  const { captions } = await getJson<Listed>(beside('captions.json'))
  if (!captions.length) return
  const box = await open()
  box.offer(captions.map(({ language }) => language))
  let element: HTMLTrackElement | null = null
  const load = async (language: string) => {
    const listed = captions.find((each) => each.language === language)
    if (!listed) return
    // As a file of the page's own: another server's would need the audio to be asked for differently.
    const file = await (await get(beside(listed.vtt))).blob()
    element?.remove()
    element = document.createElement('track')
    element.kind = 'captions'
    element.srclang = language
    element.src = URL.createObjectURL(new Blob([file], { type: 'text/vtt' }))
    const { track } = element
    track.addEventListener('cuechange', () => box.show(Array.from(track.activeCues ?? [], textOf), language))
    audio.append(element)
    track.mode = 'hidden'
    box.clear()
  }
  box.chosen = (language) => void load(language).catch(() => {})
  await load(box.language)
}

/** As plain text: what the browser made of the cue, its escapes undone. */
function textOf(cue: TextTrackCue): string {
  return cue instanceof VTTCue ? (cue.getCueAsHTML().textContent ?? '') : ''
}
