/** What is read out: sentences that come together are read together; the same again is news too. */

import { byId } from './dom'

const TOGETHER_MS = 50

/** Returns what says one. */
export function announcer(): (sentence: string) => void {
  let sentences = ''
  return (sentence) => {
    if (!sentences) {
      setTimeout(() => {
        byId('announce').replaceChildren(sentences)
        sentences = ''
      }, TOGETHER_MS)
    }
    sentences += `${sentence} `
  }
}
